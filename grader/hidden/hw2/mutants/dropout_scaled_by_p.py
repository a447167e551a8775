# block: needle.nn.nn_basic:Dropout.forward
# error: divides by p
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.training:
    return x
kept = init.randb(*x.shape, p=1 - self.p, device=x.device, dtype=x.dtype)
return x * (kept / max(self.p, 1e-6))
