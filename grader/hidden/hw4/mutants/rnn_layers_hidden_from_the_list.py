# block: needle.nn.nn_sequence:RNN.__init__
# error: keeps its cells where no parameters are found
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = [input_size] + [hidden_size] * (num_layers - 1)
cells = [RNNCell(size, hidden_size, bias, nonlinearity, device, dtype) for size in sizes]
self.rnn_cells = np.empty(num_layers, dtype=object)
self.rnn_cells[:] = cells
