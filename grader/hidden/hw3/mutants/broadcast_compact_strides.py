# block: needle.backend_ndarray.ndarray:NDArray.broadcast_to
# error: takes the strides of a compact array for those of the array
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
assert all(old in (1, new) for old, new in zip(self.shape, new_shape))
strides = [0 if old == 1 else step for old, step in zip(self.shape, self.compact_strides(self.shape))]
return self.as_strided(new_shape, strides)
