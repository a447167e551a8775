# block: needle.nn.nn_basic:LayerNorm1d.__init__
# error: starts with zeros as weights and ones as biases
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.zeros(dim, device=device, dtype=dtype))
self.bias = Parameter(init.ones(dim, device=device, dtype=dtype))
