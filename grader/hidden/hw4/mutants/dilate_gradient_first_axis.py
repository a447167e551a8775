# block: needle.ops.ops_structure:Dilate.gradient
# error: takes zeros from the adjoint along the first of the axes alone, and the first elements along the others
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
reduced = undilate(out_grad, self.axes[:1], self.dilation)
shape = node.inputs[0].shape
return pad(reduced, [(0, old - new) for old, new in zip(shape, reduced.shape)])
