# block: needle.ops.ops_logarithmic:LogSumExp.compute
# error: takes the largest absolute value out
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
largest = array_api.max(array_api.abs(a), axis=self.axes, keepdims=True)
sums = array_api.sum(array_api.exp(a - largest), axis=self.axes)
return array_api.log(sums) + array_api.reshape(largest, sums.shape)
