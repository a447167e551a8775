# block: needle.ops.ops_logarithmic:LogSoftmax.gradient
# error: takes the mean of the row's adjoints
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
rows, columns = node.shape
means = broadcast_to(reshape(summation(out_grad, 1), (rows, 1)), (rows, columns)) / columns
return out_grad - exp(node) * means
