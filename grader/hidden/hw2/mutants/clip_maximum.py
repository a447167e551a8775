# block: needle.optim.optim_basic:SGD.clip_grad_norm
# error: takes the largest element for the length
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
pairs = self.gradients()
total = max(float(abs(grad.numpy()).max()) for _, grad in pairs)
factor = min(1.0, max_norm / (total + 1e-6))
for param, grad in pairs:
    param.grad = grad * factor
return total
