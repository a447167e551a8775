# block: needle.nn.nn_basic:Linear.__init__
# error: draws the bias with fan_in and fan_out swapped
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.kaiming_uniform(in_features, out_features, device=device, dtype=dtype))
self.bias = None
if bias:
    self.bias = Parameter(init.kaiming_uniform(1, out_features, device=device, dtype=dtype))
