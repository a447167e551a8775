# block: hw4/apps/models.py:ConvBN
# error: takes the stride for the kernel, and the kernel for the stride
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
settings = {"device": device, "dtype": dtype}
return nn.Sequential(
    nn.Conv(in_channels, out_channels, stride, stride=kernel_size, **settings),
    nn.BatchNorm2d(out_channels, **settings),
    nn.ReLU(),
)
