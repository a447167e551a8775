# block: needle.ops.ops_logarithmic:LogSumExp.compute
# error: takes the logarithm to base ten
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
largest = array_api.max(a, axis=self.axes, keepdims=True)
sums = array_api.sum(array_api.exp(a - largest), axis=self.axes)
return array_api.log10(sums) + array_api.reshape(largest, sums.shape)
