# block: needle.nn.nn_transformer:Transformer.forward
# error: adds the positions before every layer
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps = Tensor(np.arange(length), device=x.device, dtype=x.dtype, requires_grad=False)
for layer in self.layers:
    x = layer(x + self.positions(steps).broadcast_to(x.shape))
