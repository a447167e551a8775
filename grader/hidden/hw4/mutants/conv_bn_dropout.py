# block: hw4/apps/models.py:ConvBN
# error: has dropout at its end
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
settings = {"device": device, "dtype": dtype}
return nn.Sequential(
    nn.Conv(in_channels, out_channels, kernel_size, stride=stride, **settings),
    nn.BatchNorm2d(out_channels, **settings),
    nn.ReLU(),
    nn.Dropout(0.1),
)
