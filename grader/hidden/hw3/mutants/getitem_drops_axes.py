# block: needle.backend_ndarray.ndarray:NDArray.__getitem__
# error: drops axes of size 1, as NumPy does for numbers
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = tuple(len(range(s.start, s.stop, s.step)) for s in idxs)
strides = tuple(s.step * stride for s, stride in zip(idxs, self.strides))
offset = self._offset + sum(s.start * stride for s, stride in zip(idxs, self.strides))
kept = [axis for axis, size in enumerate(shape) if size != 1]
return NDArray.make([shape[axis] for axis in kept], strides=[strides[axis] for axis in kept], device=self.device, handle=self._handle, offset=offset)
