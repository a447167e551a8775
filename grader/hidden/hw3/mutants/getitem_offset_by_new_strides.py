# block: needle.backend_ndarray.ndarray:NDArray.__getitem__
# error: multiplies starts by the strides of the result
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = tuple(len(range(s.start, s.stop, s.step)) for s in idxs)
strides = tuple(s.step * stride for s, stride in zip(idxs, self.strides))
offset = self._offset + sum(s.start * stride for s, stride in zip(idxs, strides))
return NDArray.make(shape, strides=strides, device=self.device, handle=self._handle, offset=offset)
