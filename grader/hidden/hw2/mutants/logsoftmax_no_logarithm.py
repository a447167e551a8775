# block: needle.ops.ops_logarithmic:LogSoftmax.compute
# error: returns the softmax
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
exponentials = array_api.exp(a - array_api.max(a, axis=1, keepdims=True))
return exponentials / array_api.sum(exponentials, axis=1, keepdims=True)
