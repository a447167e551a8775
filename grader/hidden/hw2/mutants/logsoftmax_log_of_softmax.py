# block: needle.ops.ops_logarithmic:LogSoftmax.compute
# error: takes the logarithm of a softmax that is zero where numbers are far apart
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
exponentials = array_api.exp(a - array_api.max(a, axis=1, keepdims=True))
return array_api.log(exponentials / array_api.sum(exponentials, axis=1, keepdims=True))
