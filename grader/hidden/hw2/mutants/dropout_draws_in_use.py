# block: needle.nn.nn_basic:Dropout.forward
# error: draws in use as well
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
kept = init.randb(*x.shape, p=1 - self.p, device=x.device, dtype=x.dtype)
if not self.training:
    return x
return x * (kept / (1 - self.p))
