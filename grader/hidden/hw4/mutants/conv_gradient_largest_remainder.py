# block: needle.ops.ops_convolution:Conv.gradient
# error: is right only where the stride leaves the largest remainder
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
a, b = node.inputs
step = self.stride
apart = dilate(out_grad, (1, 2), step - 1) if step > 1 else out_grad
surplus = [
    0
    for size, kernel in zip(a.shape[1:3], b.shape[:2], strict=True)
]
edges = [kernel - 1 - self.padding for kernel in b.shape[:2]]
around = [(edge, edge - zeros) for edge, zeros in zip(edges, surplus, strict=True)]
turned = transpose(flip(b, (0, 1)), (2, 3))
grad_a = conv(pad(apart, ((0, 0), *around, (0, 0))), turned, padding=0)
around = [(self.padding, self.padding + zeros) for zeros in surplus]
across = transpose(pad(a, ((0, 0), *around, (0, 0))), (0, 3))
kernel = transpose(transpose(apart, (0, 1)), (1, 2))
grad_b = conv(across, kernel, padding=0)
return grad_a, transpose(transpose(grad_b, (0, 1)), (1, 2))
