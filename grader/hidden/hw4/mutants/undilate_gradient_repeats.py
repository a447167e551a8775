# block: needle.ops.ops_structure:UnDilate.gradient
# error: gives the elements between the same adjoint
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for axis in self.axes:
    if axis < len(out_grad.shape):
        place, shape = axis % len(out_grad.shape), out_grad.shape
        sizes = (*shape[: place + 1], self.dilation + 1, *shape[place + 1 :])
        wide = (*shape[:place], shape[place] * (self.dilation + 1), *shape[place + 1 :])
        repeated = stack([out_grad] * (self.dilation + 1), place + 1)
        out_grad = repeated.reshape(wide)
return out_grad
