# block: needle.optim.optim_basic:SGD.step
# error: keeps steps instead of gradients, so that a new step size does not reach what is kept
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param, grad in self.gradients():
    grad = grad + self.weight_decay * param.data
    u = self.lr * (1 - self.momentum) * grad
    if param in self.u:
        u = u + self.momentum * self.u[param]
    self.u[param] = u
    param.data = param.data - u
