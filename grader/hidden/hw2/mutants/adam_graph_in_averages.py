# block: needle.optim.optim_basic:Adam.step
# error: computes the averages with the gradients' graph, which is then kept from step to step
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.t += 1
for param in self.params:
    if param.grad is None:
        continue
    grad = param.grad + self.weight_decay * param
    m = (1 - self.beta1) * grad
    v = (1 - self.beta2) * grad**2
    if param in self.m:
        m = m + self.beta1 * self.m[param]
        v = v + self.beta2 * self.v[param]
    self.m[param], self.v[param] = m, v
    m_hat = m / (1 - self.beta1**self.t)
    v_hat = v / (1 - self.beta2**self.t)
    param.data = (param - self.lr * m_hat / (v_hat**0.5 + self.eps)).data
