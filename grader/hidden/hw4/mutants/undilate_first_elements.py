# block: needle.ops.ops_structure:UnDilate.compute
# error: takes the first elements, whatever stands between them
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
chosen = [slice(None)] * a.ndim
for axis in self.axes:
    if axis < a.ndim:
        chosen[axis] = slice(0, a.shape[axis] // (self.dilation + 1))
return a[tuple(chosen)]
