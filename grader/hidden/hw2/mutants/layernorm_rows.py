# block: needle.nn.nn_basic:LayerNorm1d.__init__
# error: has parameters of shape (1, dim)
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.ones(1, dim, device=device, dtype=dtype))
self.bias = Parameter(init.zeros(1, dim, device=device, dtype=dtype))
