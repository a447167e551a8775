# block: needle.ops.ops_mathematic:BroadcastTo.gradient
# error: does not know that a number can be broadcast
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = node.inputs[0].shape
if not shape:
    return out_grad
padded = (1,) * (len(self.shape) - len(shape)) + shape
axes = tuple(i for i, size in enumerate(padded) if size != self.shape[i])
return reshape(summation(out_grad, axes), shape)
