# block: needle.nn.nn_basic:Linear.__init__
# error: ignores the dtype
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.kaiming_uniform(in_features, out_features, device=device))
self.bias = None
if bias:
    self.bias = Parameter(init.kaiming_uniform(out_features, 1, device=device).reshape((1, out_features)))
