# block: needle.optim.optim_basic:SGD.step
# error: computes in float64 and leaves the parameters in it
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param, grad in self.gradients():
    u = (1 - self.momentum) * (grad.numpy().astype("float64") + self.weight_decay * param.numpy())
    if param in self.u:
        u = u + self.momentum * self.u[param]
    self.u[param] = u
    param.cached_data = param.numpy() - self.lr * u
