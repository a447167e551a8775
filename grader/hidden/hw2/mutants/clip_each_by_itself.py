# block: needle.optim.optim_basic:SGD.clip_grad_norm
# error: shortens each parameter's gradient by itself
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
squares = 0.0
for param, grad in self.gradients():
    own = float((grad.numpy() ** 2).sum()) ** 0.5
    squares += own**2
    param.grad = grad * min(1.0, max_norm / (own + 1e-6))
return squares**0.5
