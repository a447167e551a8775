# block: needle.nn.nn_transformer:Transformer.forward
# error: adds what comes in to each layer once more
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps = Tensor(np.arange(length), device=x.device, dtype=x.dtype, requires_grad=False)
x = x + self.positions(steps).broadcast_to(x.shape)
for layer in self.layers:
    x = x + layer(x)
