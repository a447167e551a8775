# block: needle.ops.ops_mathematic:Summation.gradient
# error: does not recognise axes counted from the end
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = node.inputs[0].shape
axes = range(len(shape)) if self.axes is None else (self.axes,) if isinstance(self.axes, int) else self.axes
kept = tuple(1 if i in axes else size for i, size in enumerate(shape))
return broadcast_to(reshape(out_grad, kept), shape)
