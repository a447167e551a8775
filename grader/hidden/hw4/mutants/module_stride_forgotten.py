# block: needle.nn.nn_conv:Conv.forward
# error: forgets the stride
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
images, padding = _channels_last(x), self.padding
pixels = ops.conv(images, self.weight, 1, padding, dilation=self.dilation, groups=self.groups)
if self.bias is not None:
    pixels = pixels + self.bias.broadcast_to(pixels.shape)
return _channels_first(pixels)
