# block: needle.ops.ops_logarithmic:LogSumExp.gradient
# error: does not know that the axes can be one number
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
(a,) = node.inputs
reduced = range(len(a.shape)) if self.axes is None else [axis % len(a.shape) for axis in self.axes]
kept = tuple(1 if axis in reduced else size for axis, size in enumerate(a.shape))
softmax = exp(a - broadcast_to(reshape(node, kept), a.shape))
return broadcast_to(reshape(out_grad, kept), a.shape) * softmax
