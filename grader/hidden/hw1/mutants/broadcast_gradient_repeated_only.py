# block: needle.ops.ops_mathematic:BroadcastTo.gradient
# error: sums over repeated axes but not over new ones
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = node.inputs[0].shape
axes = tuple(i for i, size in enumerate(shape) if size != self.shape[i])
return reshape(summation(out_grad, axes), shape)
