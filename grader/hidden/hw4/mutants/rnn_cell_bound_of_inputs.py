# block: needle.nn.nn_sequence:RNNCell.__init__
# error: takes the bound from input_size
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = 1 / math.sqrt(input_size)
options = dict(low=-bound, high=bound, device=device, dtype=dtype)
self.W_ih = Parameter(init.rand(input_size, hidden_size, **options))
self.W_hh = Parameter(init.rand(hidden_size, hidden_size, **options))
self.bias_ih = Parameter(init.rand(hidden_size, **options)) if bias else None
self.bias_hh = Parameter(init.rand(hidden_size, **options)) if bias else None
