# block: needle.nn.nn_conv:Conv.forward
# error: adds the bias to columns, where channels are in front already
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
pixels = ops.conv(
    _channels_last(x), self.weight, self.stride, self.padding, dilation=self.dilation, groups=self.groups
)
images = _channels_first(pixels)
if self.bias is not None:
    images = images + self.bias.broadcast_to(images.shape)
return images
