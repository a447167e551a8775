# block: needle.ops.ops_structure:UnDilate.gradient
# error: puts the zeros before each element
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
named = tuple(axis for axis in self.axes if axis < len(out_grad.shape))
return flip(dilate(flip(out_grad, named), self.axes, self.dilation), named)
