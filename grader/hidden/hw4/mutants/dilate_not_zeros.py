# block: needle.ops.ops_structure:Dilate.compute
# error: does not fill the new array with zeros
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
wider = list(a.shape)
places = [slice(None)] * a.ndim
for axis in self.axes:
    if axis < a.ndim:
        wider[axis] *= self.dilation + 1
        places[axis] = slice(None, None, self.dilation + 1)
dilated = array_api.empty(tuple(wider))
dilated[tuple(places)] = a
return dilated
