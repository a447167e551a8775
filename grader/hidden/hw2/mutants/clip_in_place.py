# block: needle.optim.optim_basic:SGD.clip_grad_norm
# error: changes the arrays of the gradients that are there
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
pairs = self.gradients()
total = sum(float((grad.numpy() ** 2).sum()) for _, grad in pairs) ** 0.5
for param, _ in pairs:
    array = param.grad.numpy()
    array *= min(1.0, max_norm / (total + 1e-6))
return total
