# block: needle.ops.ops_structure:Dilate.compute
# error: dilates along all axes, whatever is asked for
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
wider = list(a.shape)
places = [slice(None)] * a.ndim
for axis in range(a.ndim):
    if axis < a.ndim:
        wider[axis] *= self.dilation + 1
        places[axis] = slice(None, None, self.dilation + 1)
dilated = _arrays.zeros(tuple(wider), like=a)
dilated[tuple(places)] = a
return dilated
