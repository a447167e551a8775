# block: needle.nn.nn_sequence:LSTM.__init__
# error: keeps its cells where no parameters are found
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = [input_size] + [hidden_size] * (num_layers - 1)
cells = [LSTMCell(size, hidden_size, bias, device, dtype) for size in sizes]
self.lstm_cells = np.empty(num_layers, dtype=object)
self.lstm_cells[:] = cells
