# block: needle.ops.ops_mathematic:Summation.compute
# error: keeps the summed axes with size 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.sum(a, axis=self.axes, keepdims=True)
