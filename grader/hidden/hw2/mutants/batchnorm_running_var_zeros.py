# block: needle.nn.nn_basic:BatchNorm1d.__init__
# error: starts with a running variance of zero
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.ones(dim, device=device, dtype=dtype))
self.bias = Parameter(init.zeros(dim, device=device, dtype=dtype))
self.running_mean = init.zeros(dim, device=device, dtype=dtype)
self.running_var = init.zeros(dim, device=device, dtype=dtype)
