# block: needle.nn.nn_sequence:LSTM.__init__
# error: makes cells that all read as many features as there are inputs
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = [input_size] * num_layers
self.lstm_cells = [LSTMCell(size, hidden_size, bias, device, dtype) for size in sizes]
