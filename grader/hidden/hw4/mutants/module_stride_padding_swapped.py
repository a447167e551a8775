# block: needle.nn.nn_conv:Conv.forward
# error: gives the padding for the stride and the stride for the padding
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
images, padding = _channels_last(x), self.stride
pixels = ops.conv(images, self.weight, max(self.padding, 1), padding, dilation=self.dilation, groups=self.groups)
if self.bias is not None:
    pixels = pixels + self.bias.broadcast_to(pixels.shape)
return _channels_first(pixels)
