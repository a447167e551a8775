# block: needle.ops.ops_logarithmic:LogSumExp.compute
# error: leaves the reduced axes in the result
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
largest = array_api.max(a, axis=self.axes, keepdims=True)
return largest + array_api.log(array_api.sum(array_api.exp(a - largest), axis=self.axes, keepdims=True))
