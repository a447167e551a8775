# block: needle.ops.ops_mathematic:Summation.gradient
# error: puts back only the first of several axes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = node.inputs[0].shape
axes = range(len(shape)) if self.axes is None else (self.axes,) if isinstance(self.axes, int) else self.axes[:1]
kept = list(shape)
for i in axes:
    kept[i] = 1
return broadcast_to(reshape(out_grad, tuple(kept)), shape)
