# block: needle.ops.ops_logarithmic:LogSumExp.compute
# error: takes no largest element out
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.log(array_api.sum(array_api.exp(a), axis=self.axes))
