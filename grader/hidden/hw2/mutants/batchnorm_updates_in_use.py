# block: needle.nn.nn_basic:BatchNorm1d.forward
# error: updates the running statistics in use as well
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
batch = x.shape[0]
mean = x.sum(axes=(0,)) / batch
centered = x - mean.broadcast_to(x.shape)
variance = (centered * centered).sum(axes=(0,)) / batch
old, new = 1 - self.momentum, self.momentum
if not self.training:
    centered = x - self.running_mean.broadcast_to(x.shape)
    used = self.running_var
else:
    used = variance
self.running_mean = old * self.running_mean.data + new * mean.data
self.running_var = old * self.running_var.data + new * variance.data
scale = self.weight / (used + self.eps) ** 0.5
return centered * scale.broadcast_to(x.shape) + self.bias.broadcast_to(x.shape)
