# block: needle.backend_ndarray.ndarray:NDArray.broadcast_to
# error: repeats only the first axis of size 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
assert all(old in (1, new) for old, new in zip(self.shape, new_shape))
strides = list(self.strides)
if 1 in self.shape:
    strides[self.shape.index(1)] = 0
return self.as_strided(new_shape, strides)
