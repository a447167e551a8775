# block: needle.nn.nn_basic:LayerNorm1d.forward
# error: normalises features over the rows
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
mean = x.sum(axes=(0,)) / x.shape[0]
centered = x - mean.broadcast_to(x.shape)
variance = (centered * centered).sum(axes=(0,)) / x.shape[0]
normal = centered / ((variance + self.eps) ** 0.5).broadcast_to(x.shape)
return normal * self.weight.broadcast_to(x.shape) + self.bias.broadcast_to(x.shape)
