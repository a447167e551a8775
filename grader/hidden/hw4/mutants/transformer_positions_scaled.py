# block: needle.nn.nn_transformer:Transformer.forward
# error: divides positions by their root of features
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps = Tensor(np.arange(length), device=x.device, dtype=x.dtype, requires_grad=False)
x = x + self.positions(steps).broadcast_to(x.shape) / math.sqrt(self.embedding_size)
for layer in self.layers:
    x = layer(x)
