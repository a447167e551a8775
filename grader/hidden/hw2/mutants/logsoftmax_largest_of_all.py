# block: needle.ops.ops_logarithmic:LogSoftmax.compute
# error: takes the largest of all elements out, not that of each row
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
below_zero = a - array_api.max(a)
return below_zero - array_api.log(array_api.sum(array_api.exp(below_zero), axis=1, keepdims=True))
