# block: needle.nn.nn_sequence:LSTMCell.__init__
# error: draws the weights of each gate by itself
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
bound = 1 / math.sqrt(hidden_size)

def of_gates(*shape):
    parts = [2 * bound * np.random.rand(*shape) - bound for _ in range(4)]
    return Parameter(np.concatenate(parts, axis=-1), device=device, dtype=dtype)

self.W_ih = of_gates(input_size, hidden_size)
self.W_hh = of_gates(hidden_size, hidden_size)
self.bias_ih = of_gates(hidden_size) if bias else None
self.bias_hh = of_gates(hidden_size) if bias else None
