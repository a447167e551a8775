# block: needle.nn.nn_basic:Linear.__init__
# error: swaps the fans of the weight
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.kaiming_uniform(out_features, in_features, device=device, dtype=dtype).transpose())
self.bias = None
if bias:
    self.bias = Parameter(init.kaiming_uniform(out_features, 1, device=device, dtype=dtype).reshape((1, out_features)))
