# block: needle.nn.nn_sequence:LSTMCell.forward
# error: swaps the forget and the output gate
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if h is None:
    nothing = init.zeros(X.shape[0], self.hidden_size, device=X.device, dtype=X.dtype)
    h = nothing, nothing
before, memory = h
total = X @ self.W_ih + before @ self.W_hh
if self.bias_ih is not None:
    total = total + self.bias_ih.broadcast_to(total.shape) + self.bias_hh.broadcast_to(total.shape)
parts = total.reshape((X.shape[0], 4, self.hidden_size))
i, o, g, f = ops.split(parts, axis=1).tuple()
i, f, o = Sigmoid()(i), Sigmoid()(f), Sigmoid()(o)
g = ops.tanh(g)
c_new = f * memory + i * g
h_new = o * ops.tanh(c_new)
return h_new, c_new
