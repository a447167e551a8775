# block: needle.optim.optim_basic:SGD.step
# error: lets the parameters grow by the weight decay
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param, grad in self.gradients():
    grad = grad - self.weight_decay * param.data
    u = (1 - self.momentum) * grad
    if param in self.u:
        u = u + self.momentum * self.u[param]
    self.u[param] = u
    param.data = param.data - self.lr * u
