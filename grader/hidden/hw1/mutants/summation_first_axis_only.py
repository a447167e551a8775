# block: needle.ops.ops_mathematic:Summation.compute
# error: sums over the first of several axes only
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
axes = self.axes[0] if isinstance(self.axes, tuple) else self.axes
return array_api.sum(a, axis=axes)
