# block: needle.nn.nn_sequence:RNN.__init__
# error: makes all cells with biases
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = [input_size] + [hidden_size] * (num_layers - 1)
self.rnn_cells = [RNNCell(size, hidden_size, True, nonlinearity, device, dtype) for size in sizes]
