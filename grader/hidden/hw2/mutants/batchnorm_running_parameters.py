# block: needle.nn.nn_basic:BatchNorm1d.__init__
# error: makes parameters of the running statistics
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.ones(dim, device=device, dtype=dtype))
self.bias = Parameter(init.zeros(dim, device=device, dtype=dtype))
self.running_mean = Parameter(init.zeros(dim, device=device, dtype=dtype))
self.running_var = Parameter(init.ones(dim, device=device, dtype=dtype))
