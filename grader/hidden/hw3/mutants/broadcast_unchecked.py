# block: needle.backend_ndarray.ndarray:NDArray.broadcast_to
# error: repeats axes of any size
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
strides = [0 if old != new else step for old, new, step in zip(self.shape, new_shape, self.strides)]
return self.as_strided(new_shape, strides)
