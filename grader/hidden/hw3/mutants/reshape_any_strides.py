# block: needle.backend_ndarray.ndarray:NDArray.reshape
# error: takes the elements of a view that is not compact in the wrong order
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if math.prod(new_shape) != self.size:
    raise ValueError(f"{self.shape} cannot become {new_shape}")
return self.as_strided(new_shape, self.compact_strides(new_shape))
