# block: needle.backend_ndarray.ndarray:NDArray.broadcast_to
# error: takes every whole multiple of a size
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
assert all(new % old == 0 for old, new in zip(self.shape, new_shape))
strides = [0 if old != new else step for old, new, step in zip(self.shape, new_shape, self.strides)]
return self.as_strided(new_shape, strides)
