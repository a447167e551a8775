# block: needle.ops.ops_structure:Dilate.compute
# error: puts the zeros before each element
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
wider = list(a.shape)
places = [slice(None)] * a.ndim
for axis in self.axes:
    if axis < a.ndim:
        wider[axis] *= self.dilation + 1
        places[axis] = slice(self.dilation, None, self.dilation + 1)
dilated = _arrays.zeros(tuple(wider), like=a)
dilated[tuple(places)] = a
return dilated
