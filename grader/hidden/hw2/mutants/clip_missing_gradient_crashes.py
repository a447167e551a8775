# block: needle.optim.optim_basic:SGD.clip_grad_norm
# error: expects every parameter to have a gradient
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
total = sum(float((param.grad.numpy() ** 2).sum()) for param in self.params) ** 0.5
for param in self.params:
    param.grad = param.grad.data * min(1.0, max_norm / (total + 1e-6))
return total
