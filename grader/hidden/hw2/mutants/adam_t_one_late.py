# block: needle.optim.optim_basic:Adam.step
# error: counts the step after the first as the first
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
t = max(1, self.t)
self.t += 1
for param, grad in self.gradients():
    grad = grad + self.weight_decay * param.data
    m = (1 - self.beta1) * grad
    v = (1 - self.beta2) * grad**2
    if param in self.m:
        m = m + self.beta1 * self.m[param]
        v = v + self.beta2 * self.v[param]
    self.m[param], self.v[param] = m, v
    m_hat = m / (1 - self.beta1**t)
    v_hat = v / (1 - self.beta2**t)
    param.data = param.data - self.lr * m_hat / (v_hat**0.5 + self.eps)
