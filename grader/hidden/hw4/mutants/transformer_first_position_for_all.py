# block: needle.nn.nn_transformer:Transformer.forward
# error: gives the first position to all steps
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps = Tensor(np.zeros(length), device=x.device, dtype=x.dtype, requires_grad=False)
x = x + self.positions(steps).broadcast_to(x.shape)
for layer in self.layers:
    x = layer(x)
