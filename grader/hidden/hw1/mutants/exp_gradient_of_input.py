# block: needle.ops.ops_mathematic:Exp.gradient
# error: multiplies by the argument instead of its exponential
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad * node.inputs[0]
