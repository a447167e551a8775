# block: needle.backend_ndarray.ndarray:NDArray.__getitem__
# error: counts the stop of a slice as well where the step is larger than 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = tuple((s.stop - s.start) // s.step + (1 if s.step > 1 else 0) for s in idxs)
strides = tuple(s.step * stride for s, stride in zip(idxs, self.strides))
offset = self._offset + sum(s.start * stride for s, stride in zip(idxs, self.strides))
return NDArray.make(shape, strides=strides, device=self.device, handle=self._handle, offset=offset)
