# block: needle.ops.ops_mathematic:MatMul.gradient
# error: transposes the batch dimensions, not the matrices
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
swap = (0, 1)
grad_a = matmul(out_grad, transpose(b, swap))
grad_b = matmul(transpose(a, swap), out_grad)
return grad_a, grad_b
