# block: needle.nn.nn_conv:Conv.forward
# error: forgets the bias
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
pixels = ops.conv(
    _channels_last(x), self.weight, self.stride, self.padding, dilation=self.dilation, groups=self.groups
)
return _channels_first(pixels)
