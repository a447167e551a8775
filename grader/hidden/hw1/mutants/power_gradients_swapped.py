# block: needle.ops.ops_mathematic:EWisePow.gradient
# error: returns the two gradients in the wrong order
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
return out_grad * a**b * log(a), out_grad * b * a ** (b - 1)
