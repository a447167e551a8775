# block: needle.backend_ndarray.ndarray:NDArray.reshape
# error: copies the elements
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if math.prod(new_shape) != self.size:
    raise ValueError(f"{self.shape} cannot become {new_shape}")
if not self.is_compact():
    raise ValueError("not compact")
return self.copy().as_strided(new_shape, self.compact_strides(new_shape))
