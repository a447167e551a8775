# block: needle.optim.optim_basic:SGD.step
# error: puts new tensors into the list of parameters, which the model knows nothing of
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for i, param in enumerate(self.params):
    if param.grad is None:
        continue
    u = (1 - self.momentum) * (param.grad.data + self.weight_decay * param.data)
    if i in self.u:
        u = u + self.momentum * self.u[i]
    self.u[i] = u
    self.params[i] = param.data - self.lr * u
