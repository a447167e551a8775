# block: hw4/apps/models.py:ResNet9.__init__
# error: has dropout before the last layer
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
settings = {"device": device, "dtype": dtype}
conv1 = ConvBN(3, 16, 7, 4, **settings)
conv2 = ConvBN(16, 32, 3, 2, **settings)
inner1 = nn.Sequential(ConvBN(32, 32, 3, 1, **settings), ConvBN(32, 32, 3, 1, **settings))
res1 = nn.Residual(inner1)
conv3 = ConvBN(32, 64, 3, 2, **settings)
conv4 = ConvBN(64, 128, 3, 2, **settings)
inner2 = nn.Sequential(ConvBN(128, 128, 3, 1, **settings), ConvBN(128, 128, 3, 1, **settings))
res2 = nn.Residual(inner2)
linear1 = nn.Linear(128, 128, **settings)
relu = nn.ReLU()
linear2 = nn.Linear(128, 10, **settings)
self.layers = nn.Sequential(
    conv1,
    conv2,
    res1,
    conv3,
    conv4,
    res2,
    nn.Flatten(),
    linear1,
    relu,
    nn.Dropout(0.2),
    linear2,
)
