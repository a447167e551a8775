# block: needle.ops.ops_structure:Dilate.compute
# error: puts all zeros behind the last element
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
wider = list(a.shape)
places = [slice(None)] * a.ndim
for axis in self.axes:
    if axis < a.ndim:
        places[axis] = slice(0, a.shape[axis])
        wider[axis] *= self.dilation + 1
dilated = _arrays.zeros(tuple(wider), like=a)
dilated[tuple(places)] = a
return dilated
