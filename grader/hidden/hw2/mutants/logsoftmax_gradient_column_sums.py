# block: needle.ops.ops_logarithmic:LogSoftmax.gradient
# error: takes the sums of the columns
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad - exp(node) * broadcast_to(summation(out_grad, 0), node.shape)
