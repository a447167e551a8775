# block: needle.nn.nn_sequence:LSTM.__init__
# error: makes all cells with biases
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = [input_size] + [hidden_size] * (num_layers - 1)
self.lstm_cells = [LSTMCell(size, hidden_size, True, device, dtype) for size in sizes]
