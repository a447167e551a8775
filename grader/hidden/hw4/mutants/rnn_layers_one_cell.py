# block: needle.nn.nn_sequence:RNN.__init__
# error: uses the same cell for all layers after the first
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = [input_size] + [hidden_size] * (num_layers - 1)
first, *rest = [RNNCell(size, hidden_size, bias, nonlinearity, device, dtype) for size in sizes[:2]]
self.rnn_cells = [first] + rest * (num_layers - 1)
