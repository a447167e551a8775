# block: needle.nn.nn_sequence:LSTM.__init__
# error: makes the cells from the last to the first
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = [input_size] + [hidden_size] * (num_layers - 1)
self.lstm_cells = [LSTMCell(size, hidden_size, bias, device, dtype) for size in sizes[::-1]][::-1]
