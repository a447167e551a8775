# block: needle.ops.ops_mathematic:Log.gradient
# error: multiplies instead of dividing
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad * node.inputs[0]
