# block: needle.backend_ndarray.ndarray:NDArray.broadcast_to
# error: changes the array itself and returns it
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
assert all(old in (1, new) for old, new in zip(self.shape, new_shape))
self._strides = tuple(0 if old == 1 else step for old, step in zip(self.shape, self.strides))
self._shape = tuple(new_shape)
return self
