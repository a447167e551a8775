# block: needle.optim.optim_basic:SGD.step
# error: keeps one momentum for all parameters
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param, grad in self.gradients():
    grad = grad + self.weight_decay * param.data
    u = (1 - self.momentum) * grad
    if u.shape in self.u:
        u = u + self.momentum * self.u[u.shape]
    self.u[u.shape] = u
    param.data = param.data - self.lr * u
