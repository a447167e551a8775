# block: needle.nn.nn_conv:Conv.forward
# error: takes the weight for a constant
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
pixels = ops.conv(
    _channels_last(x), self.weight.data, self.stride, self.padding, dilation=self.dilation, groups=self.groups
)
if self.bias is not None:
    pixels = pixels + self.bias.broadcast_to(pixels.shape)
return _channels_first(pixels)
