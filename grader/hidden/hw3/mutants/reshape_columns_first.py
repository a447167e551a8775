# block: needle.backend_ndarray.ndarray:NDArray.reshape
# error: gives the first axis the stride 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if math.prod(new_shape) != self.size:
    raise ValueError(f"{self.shape} cannot become {new_shape}")
if not self.is_compact():
    raise ValueError("not compact")
strides, step = [], 1
for size in new_shape:
    strides.append(step)
    step *= size
return self.as_strided(new_shape, strides)
