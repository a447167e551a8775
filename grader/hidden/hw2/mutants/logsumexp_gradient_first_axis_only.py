# block: needle.ops.ops_logarithmic:LogSumExp.gradient
# error: restores the first of several axes only
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
(a,) = node.inputs
first = self.axes[0] if isinstance(self.axes, tuple) else self.axes
if first is None:
    kept = (1,) * len(a.shape)
else:
    kept = tuple(1 if axis == first % len(a.shape) else size for axis, size in enumerate(a.shape))
softmax = exp(a - broadcast_to(reshape(node, kept), a.shape))
return broadcast_to(reshape(out_grad, kept), a.shape) * softmax
