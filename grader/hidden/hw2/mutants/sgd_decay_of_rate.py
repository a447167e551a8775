# block: needle.optim.optim_basic:SGD.step
# error: takes weight decay for a decay of the step size
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param, grad in self.gradients():
    u = (1 - self.momentum) * grad
    if param in self.u:
        u = u + self.momentum * self.u[param]
    self.u[param] = u
    param.data = param.data - self.lr * (1 - self.weight_decay) * u
