# block: needle.backend_ndarray.ndarray:NDArray.__getitem__
# error: adds up the starts of the slices without their strides
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = tuple(len(range(s.start, s.stop, s.step)) for s in idxs)
strides = tuple(s.step * stride for s, stride in zip(idxs, self.strides))
offset = self._offset + sum(s.start for s in idxs)
return NDArray.make(shape, strides=strides, device=self.device, handle=self._handle, offset=offset)
