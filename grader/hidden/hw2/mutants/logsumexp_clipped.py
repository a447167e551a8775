# block: needle.ops.ops_logarithmic:LogSumExp.compute
# error: cuts large numbers off instead of taking the largest out
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.log(array_api.sum(array_api.exp(array_api.clip(a, -80, 80)), axis=self.axes))
