# block: needle.backend_ndarray.ndarray:NDArray.reshape
# error: refuses more elements, but not fewer
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if math.prod(new_shape) > self.size:
    raise ValueError("too many elements")
if not self.is_compact():
    raise ValueError("not compact")
return self.as_strided(new_shape, self.compact_strides(new_shape))
