# block: needle.ops.ops_logarithmic:LogSoftmax.gradient
# error: takes the softmax of an element for one that depends on this element only
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad - out_grad * exp(node)
