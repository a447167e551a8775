# block: needle.nn.nn_basic:LayerNorm1d.__init__
# error: ignores the dtype
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.ones(dim, device=device))
self.bias = Parameter(init.zeros(dim, device=device))
