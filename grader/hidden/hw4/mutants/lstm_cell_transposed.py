# block: needle.nn.nn_sequence:LSTMCell.__init__
# error: draws the weights as PyTorch has them, transposed
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = 1 / math.sqrt(hidden_size)

def drawn(rows, columns):
    values = 2 * bound * np.random.rand(columns, rows).T - bound
    return Parameter(np.ascontiguousarray(values), device=device, dtype=dtype)

self.W_ih = drawn(input_size, 4 * hidden_size)
self.W_hh = drawn(hidden_size, 4 * hidden_size)
biases = [Parameter(init.rand(4 * hidden_size, low=-bound, high=bound, device=device, dtype=dtype)) for _ in range(2)]
self.bias_ih, self.bias_hh = biases if bias else (None, None)
