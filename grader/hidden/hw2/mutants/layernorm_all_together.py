# block: needle.nn.nn_basic:LayerNorm1d.forward
# error: normalises the whole batch together
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
column = (x.shape[0], 1)
row_mean = (x.sum() / (x.shape[0] * self.dim)).broadcast_to(column)
centered = x - row_mean.broadcast_to(x.shape)
variance = ((centered * centered).sum() / (x.shape[0] * self.dim)).broadcast_to(column)
normal = centered / ((variance + self.eps) ** 0.5).broadcast_to(x.shape)
return normal * self.weight.broadcast_to(x.shape) + self.bias.broadcast_to(x.shape)
