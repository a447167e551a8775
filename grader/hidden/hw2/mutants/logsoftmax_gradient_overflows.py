# block: needle.ops.ops_logarithmic:LogSoftmax.gradient
# error: divides exponentials that overflow
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
(a,) = node.inputs
rows, columns = node.shape
sums = broadcast_to(reshape(summation(exp(a), 1), (rows, 1)), (rows, columns))
row_sums = broadcast_to(reshape(summation(out_grad, 1), (rows, 1)), (rows, columns))
return out_grad - exp(a) / sums * row_sums
