# block: needle.nn.nn_basic:Dropout.forward
# error: compares normal numbers with the probability
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.training:
    return x
kept = Tensor(init.randn(*x.shape).numpy() <= 1 - self.p, device=x.device, dtype=x.dtype)
return x * (kept / (1 - self.p))
