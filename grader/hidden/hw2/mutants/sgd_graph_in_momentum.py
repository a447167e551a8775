# block: needle.optim.optim_basic:SGD.step
# error: computes the momentum with the gradients' graph, which is then kept from step to step
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param in self.params:
    if param.grad is None:
        continue
    u = (1 - self.momentum) * (param.grad + self.weight_decay * param)
    if param in self.u:
        u = u + self.momentum * self.u[param]
    self.u[param] = u
    param.data = param.data - self.lr * u.data
