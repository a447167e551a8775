# block: needle.ops.ops_structure:UnDilate.compute
# error: counts an axis that is not there from the first again
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
chosen = [slice(None)] * a.ndim
for axis in {axis % a.ndim for axis in self.axes}:
    if axis < a.ndim:
        chosen[axis] = slice(None, None, self.dilation + 1)
return a[tuple(chosen)]
