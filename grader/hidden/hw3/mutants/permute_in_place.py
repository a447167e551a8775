# block: needle.backend_ndarray.ndarray:NDArray.permute
# error: changes the array itself and returns it
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self._shape, self._strides = tuple(self.shape[i] for i in new_axes), tuple(self.strides[i] for i in new_axes)
return self
