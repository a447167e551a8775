# block: needle.nn.nn_conv:Conv.forward
# error: swaps channels and columns, so rows and columns as well
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
images, padding = ops.transpose(x, (1, 3)), self.padding
pixels = ops.conv(images, self.weight, self.stride, padding, dilation=self.dilation, groups=self.groups)
if self.bias is not None:
    pixels = pixels + self.bias.broadcast_to(pixels.shape)
return ops.transpose(pixels, (1, 3))
