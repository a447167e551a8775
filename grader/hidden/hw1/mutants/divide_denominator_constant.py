# block: needle.ops.ops_mathematic:EWiseDiv.gradient
# error: takes the denominator for a constant
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
return out_grad / b, out_grad * 0
