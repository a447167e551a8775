# block: needle.nn.nn_sequence:LSTMCell.__init__
# error: takes one bias for both
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = 1 / math.sqrt(hidden_size)
options = dict(low=-bound, high=bound, device=device, dtype=dtype)
self.W_ih = Parameter(init.rand(input_size, 4 * hidden_size, **options))
self.W_hh = Parameter(init.rand(hidden_size, 4 * hidden_size, **options))
self.bias_ih = Parameter(init.rand(4 * hidden_size, **options)) if bias else None
self.bias_hh = self.bias_ih
