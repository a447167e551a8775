# block: needle.ops.ops_structure:UnDilate.compute
# error: takes zeros away along the first of several axes alone
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
chosen = [slice(None)] * a.ndim
for axis in self.axes[:1]:
    if axis < a.ndim:
        chosen[axis] = slice(None, None, self.dilation + 1)
return a[tuple(chosen)]
