# block: needle.ops.ops_mathematic:EWiseDiv.gradient
# error: forgets the sign of the denominator's gradient
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
return out_grad / b, out_grad * a / (b * b)
