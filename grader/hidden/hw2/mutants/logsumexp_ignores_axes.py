# block: needle.ops.ops_logarithmic:LogSumExp.compute
# error: reduces all axes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
largest = array_api.max(a)
return array_api.log(array_api.sum(array_api.exp(a - largest))) + largest
