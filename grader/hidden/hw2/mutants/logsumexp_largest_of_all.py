# block: needle.ops.ops_logarithmic:LogSumExp.compute
# error: takes the largest of all elements out, not that of each slice
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
largest = array_api.max(a)
return largest + array_api.log(array_api.sum(array_api.exp(a - largest), axis=self.axes))
