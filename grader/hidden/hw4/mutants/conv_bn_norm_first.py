# block: hw4/apps/models.py:ConvBN
# error: norms the images before the convolution
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
settings = {"device": device, "dtype": dtype}
return nn.Sequential(
    nn.BatchNorm2d(in_channels, **settings),
    nn.Conv(in_channels, out_channels, kernel_size, stride=stride, **settings),
    nn.ReLU(),
)
