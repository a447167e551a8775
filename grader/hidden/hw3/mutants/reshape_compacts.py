# block: needle.backend_ndarray.ndarray:NDArray.reshape
# error: copies an array that is not compact instead of refusing it
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if math.prod(new_shape) != self.size:
    raise ValueError(f"{self.shape} cannot become {new_shape}")
array = self.compact()
return array.as_strided(new_shape, self.compact_strides(new_shape))
