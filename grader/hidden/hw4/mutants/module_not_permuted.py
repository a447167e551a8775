# block: needle.nn.nn_conv:Conv.forward
# error: hands images on with channels first
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
images, padding = x, self.padding
pixels = ops.conv(images, self.weight, self.stride, padding, dilation=self.dilation, groups=self.groups)
if self.bias is not None:
    pixels = pixels + self.bias.broadcast_to(pixels.shape)
return pixels
