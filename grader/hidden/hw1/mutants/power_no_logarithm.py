# block: needle.ops.ops_mathematic:EWisePow.gradient
# error: forgets the logarithm of the base
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
return out_grad * b * a ** (b - 1), out_grad * a**b
