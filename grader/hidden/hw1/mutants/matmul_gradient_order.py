# block: needle.ops.ops_mathematic:MatMul.gradient
# error: multiplies in the wrong order
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
return matmul(transpose(b), out_grad), matmul(out_grad, transpose(a))
