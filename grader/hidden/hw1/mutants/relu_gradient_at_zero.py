# block: needle.ops.ops_mathematic:ReLU.gradient
# error: derivative 1 at zero
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
mask = node.inputs[0].realize_cached_data() >= 0
return out_grad * Tensor(mask)
