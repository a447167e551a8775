# block: needle.optim.optim_basic:SGD.clip_grad_norm
# error: returns the length after clipping
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
pairs = self.gradients()
total = sum(float((grad.numpy() ** 2).sum()) for _, grad in pairs) ** 0.5
factor = min(1.0, max_norm / (total + 1e-6))
for param, grad in pairs:
    param.grad = grad * factor
return min(total, max_norm)
