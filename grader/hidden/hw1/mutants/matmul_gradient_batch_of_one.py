# block: needle.ops.ops_mathematic:MatMul.gradient
# error: overlooks batch dimensions of size 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
gradients = [matmul(out_grad, transpose(b)), matmul(transpose(a), out_grad)]

for i, factor in enumerate((a, b)):
    extra = len(gradients[i].shape) - len(factor.shape)
    if extra:
        gradients[i] = summation(gradients[i], tuple(range(extra)))
return tuple(gradients)
