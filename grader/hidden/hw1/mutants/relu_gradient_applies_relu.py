# block: needle.ops.ops_mathematic:ReLU.gradient
# error: multiplies by the output
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad * relu(node.inputs[0])
