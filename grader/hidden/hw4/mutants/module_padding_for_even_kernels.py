# block: needle.nn.nn_conv:Conv.forward
# error: pads by (k - 1) // 2, which is less for even kernels
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
images, padding = _channels_last(x), (self.kernel_size - 1) // 2
pixels = ops.conv(images, self.weight, self.stride, padding, dilation=self.dilation, groups=self.groups)
if self.bias is not None:
    pixels = pixels + self.bias.broadcast_to(pixels.shape)
return _channels_first(pixels)
