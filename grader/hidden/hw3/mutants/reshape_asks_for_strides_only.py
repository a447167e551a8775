# block: needle.backend_ndarray.ndarray:NDArray.reshape
# error: takes a view for compact whose last stride is 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if math.prod(new_shape) != self.size:
    raise ValueError(f"{self.shape} cannot become {new_shape}")
if self._strides and self._strides[-1] != 1:
    raise ValueError("not compact")
return self.as_strided(new_shape, self.compact_strides(new_shape))
