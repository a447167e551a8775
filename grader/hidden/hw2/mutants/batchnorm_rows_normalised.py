# block: needle.nn.nn_basic:BatchNorm1d.forward
# error: takes the statistics of each row in training
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if self.training:
    column = (x.shape[0], 1)
    mean = x.sum(axes=(1,)).reshape(column) / self.dim
    centered = x - mean.broadcast_to(x.shape)
    variance = ((centered * centered).sum(axes=(1,)).reshape(column) / self.dim).broadcast_to(x.shape)
    old, new = 1 - self.momentum, self.momentum
    self.running_mean = old * self.running_mean.data + new * (x.data.sum(axes=(0,)) / x.shape[0])
    squares = (centered.data * centered.data).sum(axes=(0,)) / x.shape[0]
    self.running_var = old * self.running_var.data + new * squares
else:
    centered = x - self.running_mean.broadcast_to(x.shape)
    variance = self.running_var.broadcast_to(x.shape)
scale = self.weight.broadcast_to(x.shape) / (variance + self.eps) ** 0.5
return centered * scale + self.bias.broadcast_to(x.shape)
