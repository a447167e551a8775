# block: needle.ops.ops_mathematic:Transpose.compute
# error: reverses all axes, as NumPy's transpose does by itself
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if self.axes is None:
    return array_api.transpose(a)
return array_api.swapaxes(a, *self.axes)
