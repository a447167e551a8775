# block: needle.ops.ops_mathematic:BroadcastTo.gradient
# error: sums over new axes but not over repeated ones
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = node.inputs[0].shape
new = tuple(range(len(self.shape) - len(shape)))
return summation(out_grad, new) if new else out_grad
