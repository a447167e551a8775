# block: needle.ops.ops_structure:Dilate.gradient
# error: gives an element the adjoints of the zeros after it as well
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for axis in self.axes:
    if axis < len(out_grad.shape):
        shape = list(out_grad.shape)
        shape[axis : axis + 1 or None] = [shape[axis] // (self.dilation + 1), self.dilation + 1]
        out_grad = out_grad.reshape(tuple(shape)).sum(axes=(axis + 1 if axis >= 0 else axis,))
return out_grad
