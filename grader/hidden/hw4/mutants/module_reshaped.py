# block: needle.nn.nn_conv:Conv.forward
# error: reshapes images where axes are to be permuted
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
images, padding = x.reshape((x.shape[0], *x.shape[2:], x.shape[1])), self.padding
pixels = ops.conv(images, self.weight, self.stride, padding, dilation=self.dilation, groups=self.groups)
if self.bias is not None:
    pixels = pixels + self.bias.broadcast_to(pixels.shape)
return _channels_first(pixels)
