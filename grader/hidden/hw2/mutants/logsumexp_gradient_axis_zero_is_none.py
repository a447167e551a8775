# block: needle.ops.ops_logarithmic:LogSumExp.gradient
# error: takes axis 0 for all axes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
(a,) = node.inputs
reduced = self.axes or range(len(a.shape))
reduced = [axis % len(a.shape) for axis in ((reduced,) if isinstance(reduced, int) else reduced)]
kept = tuple(1 if axis in reduced else size for axis, size in enumerate(a.shape))
softmax = exp(a - broadcast_to(reshape(node, kept), a.shape))
return broadcast_to(reshape(out_grad, kept), a.shape) * softmax
