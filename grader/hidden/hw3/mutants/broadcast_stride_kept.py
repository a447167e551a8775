# block: needle.backend_ndarray.ndarray:NDArray.broadcast_to
# error: keeps the strides of the axes that are repeated
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
assert all(old in (1, new) for old, new in zip(self.shape, new_shape))
return self.as_strided(new_shape, self.strides)
