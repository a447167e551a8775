# block: needle.ops.ops_logarithmic:LogSoftmax.compute
# error: normalises all elements together
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
below_zero = a - array_api.max(a)
return below_zero - array_api.log(array_api.sum(array_api.exp(below_zero)))
