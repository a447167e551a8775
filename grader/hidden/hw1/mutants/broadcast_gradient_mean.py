# block: needle.ops.ops_mathematic:BroadcastTo.gradient
# error: takes the mean instead of the sum
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = node.inputs[0].shape
padded = (1,) * (len(self.shape) - len(shape)) + shape
axes = tuple(i for i, size in enumerate(padded) if size != self.shape[i])
copies = 1
for i in axes:
    copies *= self.shape[i]
return reshape(summation(out_grad, axes), shape) / copies
