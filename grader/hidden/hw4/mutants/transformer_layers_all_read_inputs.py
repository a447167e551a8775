# block: needle.nn.nn_transformer:Transformer.forward
# error: applies every layer to what came in
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps = Tensor(np.arange(length), device=x.device, dtype=x.dtype, requires_grad=False)
x = x + self.positions(steps).broadcast_to(x.shape)
given = x
for layer in self.layers:
    x = layer(given)
