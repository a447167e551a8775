# block: needle.nn.nn_transformer:Transformer.forward
# error: applies the first layer alone
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps = Tensor(np.arange(length), device=x.device, dtype=x.dtype, requires_grad=False)
x = x + self.positions(steps).broadcast_to(x.shape)
for layer in self.layers[:1]:
    x = layer(x)
