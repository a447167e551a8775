# block: needle.nn.nn_basic:BatchNorm1d.forward
# error: keeps the variance with eps
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
batch = x.shape[0]
if self.training:
    mean = x.sum(axes=(0,)) / batch
    centered = x - mean.broadcast_to(x.shape)
    variance = (centered * centered).sum(axes=(0,)) / batch + self.eps
    old, new = 1 - self.momentum, self.momentum
    self.running_mean = old * self.running_mean.data + new * mean.data
    self.running_var = old * self.running_var.data + new * variance.data
else:
    centered = x - self.running_mean.broadcast_to(x.shape)
    variance = self.running_var
scale = self.weight / (variance if self.training else variance + self.eps) ** 0.5
return centered * scale.broadcast_to(x.shape) + self.bias.broadcast_to(x.shape)
