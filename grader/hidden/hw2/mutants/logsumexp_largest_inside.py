# block: needle.ops.ops_logarithmic:LogSumExp.compute
# error: adds the largest element inside the logarithm
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
largest = array_api.max(a, axis=self.axes, keepdims=True)
return array_api.log(array_api.sum(array_api.exp(a - largest), axis=self.axes) + array_api.max(a, axis=self.axes))
