# block: needle.ops.ops_mathematic:MatMul.gradient
# error: does not sum over broadcast batch dimensions
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
return matmul(out_grad, transpose(b)), matmul(transpose(a), out_grad)
