# block: needle.ops.ops_logarithmic:LogSoftmax.compute
# error: subtracts a logarithm without the largest element from all
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
largest = array_api.max(a, axis=1, keepdims=True)
return a - array_api.log(array_api.sum(array_api.exp(a - largest), axis=1, keepdims=True))
