# block: needle.backend_ndarray.ndarray:NDArray.__getitem__
# error: changes the array itself and returns it
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = tuple(len(range(s.start, s.stop, s.step)) for s in idxs)
strides = tuple(s.step * stride for s, stride in zip(idxs, self.strides))
offset = self._offset + sum(s.start * stride for s, stride in zip(idxs, self.strides))
self._shape, self._strides, self._offset = shape, strides, offset
return self
