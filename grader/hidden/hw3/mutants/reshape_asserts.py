# block: needle.backend_ndarray.ndarray:NDArray.reshape
# error: raises AssertionError instead of ValueError
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
assert math.prod(new_shape) == self.size
assert self.is_compact()
return self.as_strided(new_shape, self.compact_strides(new_shape))
