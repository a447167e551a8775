# block: needle.ops.ops_mathematic:ReLU.gradient
# error: derivative 1/2 at zero
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
values = node.inputs[0].realize_cached_data()
return out_grad * Tensor((array_api.sign(values) + 1) / 2)
