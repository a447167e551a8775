# block: needle.backend_ndarray.ndarray:NDArray.broadcast_to
# error: gives every axis the stride 0
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
assert all(old in (1, new) for old, new in zip(self.shape, new_shape))
return self.as_strided(new_shape, (0,) * len(new_shape))
