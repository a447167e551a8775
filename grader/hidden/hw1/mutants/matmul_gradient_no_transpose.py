# block: needle.ops.ops_mathematic:MatMul.gradient
# error: forgets to transpose
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
return matmul(out_grad, b), matmul(a, out_grad)
