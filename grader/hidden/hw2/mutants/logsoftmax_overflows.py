# block: needle.ops.ops_logarithmic:LogSoftmax.compute
# error: takes no largest element out
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return a - array_api.log(array_api.sum(array_api.exp(a), axis=1, keepdims=True))
