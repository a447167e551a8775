# block: needle.ops.ops_structure:Dilate.compute
# error: leaves out the zeros after the last element
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
wider = list(a.shape)
places = [slice(None)] * a.ndim
for axis in self.axes:
    if axis < a.ndim:
        wider[axis] += (a.shape[axis] - 1) * self.dilation
        places[axis] = slice(None, None, self.dilation + 1)
dilated = _arrays.zeros(tuple(wider), like=a)
dilated[tuple(places)] = a
return dilated
