# block: needle.ops.ops_structure:Dilate.gradient
# error: takes the last of the elements that belong together
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
named = tuple(axis for axis in self.axes if axis < len(out_grad.shape))
return flip(undilate(flip(out_grad, named), self.axes, self.dilation), named)
