# block: needle.backend_ndarray.ndarray:NDArray.broadcast_to
# error: raises ValueError instead of AssertionError
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if any(old not in (1, new) for old, new in zip(self.shape, new_shape)):
    raise ValueError("cannot broadcast")
strides = [0 if old == 1 else step for old, step in zip(self.shape, self.strides)]
return self.as_strided(new_shape, strides)
