# block: needle.nn.nn_sequence:LSTMCell.__init__
# error: draws from a normal distribution
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = 1 / math.sqrt(hidden_size)
options = dict(low=-bound, high=bound, device=device, dtype=dtype)
self.W_ih = Parameter(init.randn(input_size, 4 * hidden_size, std=bound, device=device, dtype=dtype))
self.W_hh = Parameter(init.randn(hidden_size, 4 * hidden_size, std=bound, device=device, dtype=dtype))
self.bias_ih = Parameter(init.rand(4 * hidden_size, **options)) if bias else None
self.bias_hh = Parameter(init.rand(4 * hidden_size, **options)) if bias else None
