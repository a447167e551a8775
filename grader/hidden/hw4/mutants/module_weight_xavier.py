# block: needle.nn.nn_conv:Conv.__init__
# error: draws the weight as Xavier does
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = (kernel_size, kernel_size, in_channels // groups, out_channels)
fan_in, fan_out = math.prod(shape[:3]), kernel_size**2 * out_channels
self.weight = Parameter((init.rand(*shape, device=device) * 2 - 1) * math.sqrt(6 / (fan_in + fan_out)))
self.bias = None
if bias:
    limit = fan_in**-0.5
    self.bias = Parameter(init.rand(out_channels, low=-limit, high=limit, device=device, dtype=dtype))
