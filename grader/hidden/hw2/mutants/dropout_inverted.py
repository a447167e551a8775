# block: needle.nn.nn_basic:Dropout.forward
# error: keeps with the probability with which it should drop
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.training:
    return x
kept = init.randb(*x.shape, p=self.p, device=x.device, dtype=x.dtype)
return x * (kept / (1 - self.p))
