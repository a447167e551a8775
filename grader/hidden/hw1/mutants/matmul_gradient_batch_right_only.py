# block: needle.ops.ops_mathematic:MatMul.gradient
# error: sums over broadcast batch dimensions for the right factor only
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
gradients = [matmul(out_grad, transpose(b)), matmul(transpose(a), out_grad)]

extra = len(gradients[1].shape) - len(b.shape)
if extra:
    gradients[1] = summation(gradients[1], tuple(range(extra)))
return tuple(gradients)
