# block: needle.nn.nn_basic:BatchNorm1d.__init__
# error: makes the weights and biases plain tensors
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = init.ones(dim, device=device, dtype=dtype, requires_grad=True)
self.bias = init.zeros(dim, device=device, dtype=dtype, requires_grad=True)
self.running_mean = init.zeros(dim, device=device, dtype=dtype)
self.running_var = init.ones(dim, device=device, dtype=dtype)
