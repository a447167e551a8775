# block: needle.ops.ops_structure:Split.gradient
# error: stacks the adjoints along the last axis
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return stack(out_grad, len(node.inputs[0].shape) - 1)
