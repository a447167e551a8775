# block: needle.nn.nn_sequence:RNNCell.forward
# error: takes the sigmoid for tanh
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if h is None:
    h = init.zeros(X.shape[0], self.hidden_size, device=X.device, dtype=X.dtype)
total = X @ self.W_ih + h @ self.W_hh
if self.bias_ih is not None:
    total = total + self.bias_ih.broadcast_to(total.shape) + self.bias_hh.broadcast_to(total.shape)
return Sigmoid()(total) if self.nonlinearity == "tanh" else ops.relu(total)
