# block: needle.ops.ops_mathematic:ReLU.gradient
# error: masks by the sign of the adjoint
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
mask = out_grad.realize_cached_data() > 0
return out_grad * Tensor(mask)
