# block: needle.ops.ops_logarithmic:LogSumExp.compute
# error: changes its argument
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
largest = array_api.max(a, axis=self.axes, keepdims=True)
a -= largest
sums = array_api.sum(array_api.exp(a), axis=self.axes)
return array_api.log(sums) + array_api.reshape(largest, sums.shape)
