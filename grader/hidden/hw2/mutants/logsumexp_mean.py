# block: needle.ops.ops_logarithmic:LogSumExp.compute
# error: takes the mean instead of the sum
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
largest = array_api.max(a, axis=self.axes, keepdims=True)
means = array_api.mean(array_api.exp(a - largest), axis=self.axes)
return array_api.log(means) + array_api.reshape(largest, means.shape)
