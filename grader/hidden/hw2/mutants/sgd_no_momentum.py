# block: needle.optim.optim_basic:SGD.step
# error: ignores the momentum
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param, grad in self.gradients():
    grad = grad + self.weight_decay * param.data
    u = grad
    if param in self.u:
        u = grad
    self.u[param] = u
    param.data = param.data - self.lr * u
