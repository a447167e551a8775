# block: needle.ops.ops_logarithmic:LogSumExp.compute
# error: takes the smallest element out instead of the largest
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
smallest = array_api.min(a, axis=self.axes, keepdims=True)
sums = array_api.sum(array_api.exp(a - smallest), axis=self.axes)
return array_api.log(sums) + array_api.min(a, axis=self.axes)
