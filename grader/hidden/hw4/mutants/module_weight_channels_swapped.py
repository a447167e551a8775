# block: needle.nn.nn_conv:Conv.__init__
# error: swaps channels in and out of the weight
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = (kernel_size, kernel_size, out_channels, in_channels // groups)
fan_in, fan_out = math.prod(shape[:3]), kernel_size**2 * out_channels
self.weight = Parameter(init.kaiming_uniform(fan_in, fan_out, shape=shape, device=device, dtype=dtype))
self.bias = None
if bias:
    limit = fan_in**-0.5
    self.bias = Parameter(init.rand(out_channels, low=-limit, high=limit, device=device, dtype=dtype))
