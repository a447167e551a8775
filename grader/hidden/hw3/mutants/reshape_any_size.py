# block: needle.backend_ndarray.ndarray:NDArray.reshape
# error: does not ask whether the number of elements stays the same
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.is_compact():
    raise ValueError("not compact")
return self.as_strided(new_shape, self.compact_strides(new_shape))
