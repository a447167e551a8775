# block: needle.ops.ops_logarithmic:LogSoftmax.gradient
# error: subtracts the softmax without the row's sum of adjoints
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad - exp(node)
