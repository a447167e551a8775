# block: needle.ops.ops_convolution:Conv.gradient
# error: pads by nothing where the padding is wider than the kernel reaches, and cuts the gradient at its end
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
step = self.stride
apart = dilate(out_grad, (1, 2), step - 1) if step > 1 else out_grad
surplus = [
    step - 1 - (size + 2 * self.padding - kernel) % step
    for size, kernel in zip(a.shape[1:3], b.shape[:2], strict=True)
]
around = [(max(kernel - 1 - self.padding, 0),) * 2 for kernel in b.shape[:2]]
around = [(edge, other - zeros) for (edge, other), zeros in zip(around, surplus, strict=True)]
turned = transpose(flip(b, (0, 1)), (2, 3))
grad_a = conv(pad(apart, ((0, 0), *around, (0, 0))), turned, padding=0)
grad_a = pad(grad_a, [(0, old - new) for old, new in zip(a.shape, grad_a.shape, strict=True)])
around = [(self.padding, self.padding + zeros) for zeros in surplus]
across = transpose(pad(a, ((0, 0), *around, (0, 0))), (0, 3))
kernel = transpose(transpose(apart, (0, 1)), (1, 2))
grad_b = conv(across, kernel, padding=0)
return grad_a, transpose(transpose(grad_b, (0, 1)), (1, 2))
