# block: needle.ops.ops_mathematic:Summation.gradient
# error: divides by the number of summed elements
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = node.inputs[0].shape
axes = range(len(shape)) if self.axes is None else (self.axes,) if isinstance(self.axes, int) else self.axes
kept, count = list(shape), 1
for i in axes:
    count *= kept[i]
    kept[i] = 1
return broadcast_to(reshape(out_grad, tuple(kept)), shape) / count
