# block: needle.nn.nn_transformer:Transformer.forward
# error: gives a position to each example, not to each step
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps = Tensor(np.arange(x.shape[0]) % self.sequence_len, device=x.device, dtype=x.dtype, requires_grad=False)
x = x + self.positions(steps).reshape((x.shape[0], 1, x.shape[2])).broadcast_to(x.shape)
for layer in self.layers:
    x = layer(x)
