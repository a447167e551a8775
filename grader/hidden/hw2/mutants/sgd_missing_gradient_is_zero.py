# block: needle.optim.optim_basic:SGD.step
# error: takes a missing gradient for zero, so that momentum and decay go on
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param in self.params:
    grad = param.data * 0 if param.grad is None else param.grad.data
    u = (1 - self.momentum) * (grad + self.weight_decay * param.data)
    if param in self.u:
        u = u + self.momentum * self.u[param]
    self.u[param] = u
    param.data = param.data - self.lr * u
