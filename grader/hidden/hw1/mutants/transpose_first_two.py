# block: needle.ops.ops_mathematic:Transpose.compute
# error: swaps the first two axes where none are named
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return array_api.swapaxes(a, *(self.axes or (0, 1)))
