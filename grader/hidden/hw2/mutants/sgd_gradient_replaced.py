# block: needle.optim.optim_basic:SGD.step
# error: keeps the momentum in the parameter's gradient
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param, grad in self.gradients():
    u = (1 - self.momentum) * (grad + self.weight_decay * param.data)
    if param in self.u:
        u = u + self.momentum * self.u[param]
    self.u[param] = param.grad = u
    param.data = param.data - self.lr * u
