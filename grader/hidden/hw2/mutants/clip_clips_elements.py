# block: needle.optim.optim_basic:SGD.clip_grad_norm
# error: limits each element instead of the length
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
total = sum(float((grad.numpy() ** 2).sum()) for _, grad in self.gradients()) ** 0.5
for param, grad in self.gradients():
    param.grad = Tensor(grad.numpy().clip(-max_norm, max_norm), requires_grad=False)
return total
