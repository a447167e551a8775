# block: needle.optim.optim_basic:SGD.step
# error: turns the parameter itself into the result of the update
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param, grad in self.gradients():
    u = (1 - self.momentum) * (grad + self.weight_decay * param.data)
    if param in self.u:
        u = u + self.momentum * self.u[param]
    self.u[param] = u
    new = Tensor(param.numpy()) - self.lr * u
    param.op, param.inputs, param.cached_data = new.op, new.inputs, new.cached_data
