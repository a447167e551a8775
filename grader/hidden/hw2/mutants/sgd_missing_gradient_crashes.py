# block: needle.optim.optim_basic:SGD.step
# error: expects every parameter to have a gradient
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param in self.params:
    u = (1 - self.momentum) * (param.grad.data + self.weight_decay * param.data)
    if param in self.u:
        u = u + self.momentum * self.u[param]
    self.u[param] = u
    param.data = param.data - self.lr * u
