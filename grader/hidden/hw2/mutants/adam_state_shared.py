# block: needle.optim.optim_basic:Adam.step
# error: keeps one m and one v for all parameters of a shape
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.t += 1
for param, grad in self.gradients():
    grad = grad + self.weight_decay * param.data
    m = (1 - self.beta1) * grad
    v = (1 - self.beta2) * grad**2
    if m.shape in self.m:
        m = m + self.beta1 * self.m[m.shape]
        v = v + self.beta2 * self.v[m.shape]
    self.m[m.shape], self.v[m.shape] = m, v
    m_hat = m / (1 - self.beta1**self.t)
    v_hat = v / (1 - self.beta2**self.t)
    param.data = param.data - self.lr * m_hat / (v_hat**0.5 + self.eps)
