# block: needle.nn.nn_transformer:Transformer.forward
# error: turns steps to the front again before the layers
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.batch_first:
    x = ops.transpose(x, (0, 1))
steps = Tensor(np.arange(x.shape[1]) % self.sequence_len, device=x.device, dtype=x.dtype, requires_grad=False)
x = x + self.positions(steps).broadcast_to(x.shape)
for layer in self.layers:
    x = layer(x)
if not self.batch_first:
    x = ops.transpose(x, (0, 1))
