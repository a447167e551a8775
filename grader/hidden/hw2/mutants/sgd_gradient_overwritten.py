# block: needle.optim.optim_basic:SGD.step
# error: adds the weight decay to the gradient in place
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for param in self.params:
    if param.grad is None:
        continue
    grad = param.grad.numpy()
    grad += self.weight_decay * param.numpy()
    u = (1 - self.momentum) * grad
    if param in self.u:
        u = u + self.momentum * self.u[param]
    self.u[param] = u
    param.data = Tensor(param.numpy() - self.lr * u, dtype=param.dtype)
