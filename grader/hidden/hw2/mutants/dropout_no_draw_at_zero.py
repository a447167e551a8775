# block: needle.nn.nn_basic:Dropout.forward
# error: draws nothing where the probability is zero
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.training or self.p == 0:
    return x
kept = init.randb(*x.shape, p=1 - self.p, device=x.device, dtype=x.dtype)
return x * (kept / (1 - self.p))
