# block: needle.nn.nn_sequence:LSTM.__init__
# error: makes a layer too many
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = [input_size] + [hidden_size] * num_layers
self.lstm_cells = [LSTMCell(size, hidden_size, bias, device, dtype) for size in sizes]
