# block: needle.backend_ndarray.ndarray:NDArray.reshape
# error: takes the product of the sizes before an axis as its stride, not of those after it
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if math.prod(new_shape) != self.size:
    raise ValueError(f"{self.shape} cannot become {new_shape}")
if not self.is_compact():
    raise ValueError("not compact")
return self.as_strided(new_shape, [math.prod(new_shape[:axis]) for axis in range(len(new_shape))])
