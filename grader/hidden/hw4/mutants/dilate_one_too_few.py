# block: needle.ops.ops_structure:Dilate.compute
# error: takes the dilation for the step from element to element
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
wider = list(a.shape)
places = [slice(None)] * a.ndim
step = max(self.dilation, 1)
for axis in self.axes:
    if axis < a.ndim:
        wider[axis] *= step
        places[axis] = slice(None, None, step)
dilated = _arrays.zeros(tuple(wider), like=a)
dilated[tuple(places)] = a
return dilated
