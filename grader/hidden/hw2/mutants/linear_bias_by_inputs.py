# block: needle.nn.nn_basic:Linear.__init__
# error: bounds the bias by the number of inputs
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.kaiming_uniform(in_features, out_features, device=device, dtype=dtype))
self.bias = None
if bias:
    bound = math.sqrt(6 / in_features)
    self.bias = Parameter(init.rand(1, out_features, low=-bound, high=bound, device=device, dtype=dtype))
