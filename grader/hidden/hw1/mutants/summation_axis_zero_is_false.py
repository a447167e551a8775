# block: needle.ops.ops_mathematic:Summation.compute
# error: takes axis 0 for no axis
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.axes:
    return array_api.sum(a)
return array_api.sum(a, axis=self.axes)
