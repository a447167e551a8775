# block: needle.nn.nn_conv:Conv.__init__
# error: draws a bias that is not wanted and throws it away
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = (kernel_size, kernel_size, in_channels // groups, out_channels)
fan_in, fan_out = math.prod(shape[:3]), kernel_size**2 * out_channels
limit = fan_in**-0.5
self.weight = Parameter(init.kaiming_uniform(fan_in, fan_out, shape=shape, device=device, dtype=dtype))
drawn = Parameter(init.rand(out_channels, low=-limit, high=limit, device=device, dtype=dtype))
self.bias = drawn if bias else None
