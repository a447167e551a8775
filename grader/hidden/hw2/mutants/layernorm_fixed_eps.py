# block: needle.nn.nn_basic:LayerNorm1d.forward
# error: takes the usual eps instead of the one asked for
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
column = (x.shape[0], 1)
row_mean = x.sum(axes=(1,)).reshape(column) / self.dim
centered = x - row_mean.broadcast_to(x.shape)
variance = (centered * centered).sum(axes=(1,)).reshape(column) / self.dim
normal = centered / ((variance + 1e-5) ** 0.5).broadcast_to(x.shape)
return normal * self.weight.broadcast_to(x.shape) + self.bias.broadcast_to(x.shape)
