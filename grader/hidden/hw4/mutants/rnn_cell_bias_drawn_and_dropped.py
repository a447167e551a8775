# block: needle.nn.nn_sequence:RNNCell.__init__
# error: draws biases that it then drops
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = 1 / math.sqrt(hidden_size)
options = dict(low=-bound, high=bound, device=device, dtype=dtype)
self.W_ih = Parameter(init.rand(input_size, hidden_size, **options))
self.W_hh = Parameter(init.rand(hidden_size, hidden_size, **options))
first, second = (Parameter(init.rand(hidden_size, **options)) for _ in range(2))
self.bias_ih = first if bias else None
self.bias_hh = second if bias else None
