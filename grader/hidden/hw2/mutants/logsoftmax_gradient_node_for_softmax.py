# block: needle.ops.ops_logarithmic:LogSoftmax.gradient
# error: takes the logarithm for the softmax
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
rows, columns = node.shape
row_sums = broadcast_to(reshape(summation(out_grad, 1), (rows, 1)), (rows, columns))
return out_grad - node * row_sums
