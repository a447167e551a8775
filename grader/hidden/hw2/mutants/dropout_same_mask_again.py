# block: needle.nn.nn_basic:Dropout.forward
# error: keeps the mask of the first call
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.training:
    return x
if getattr(self, "kept", None) is None:
    self.kept = init.randb(*x.shape, p=1 - self.p, device=x.device, dtype=x.dtype)
kept = self.kept
return x * (kept / (1 - self.p))
