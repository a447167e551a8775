# block: needle.backend_ndarray.ndarray:NDArray.permute
# error: forgets the offset
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = tuple(self.shape[i] for i in new_axes)
strides = tuple(self.strides[i] for i in new_axes)
return NDArray.make(shape, strides=strides, device=self.device, handle=self._handle)
