# block: needle.nn.nn_basic:LayerNorm1d.__init__
# error: has one weight and one bias for all features
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.ones(1, device=device, dtype=dtype))
self.bias = Parameter(init.zeros(1, device=device, dtype=dtype))
