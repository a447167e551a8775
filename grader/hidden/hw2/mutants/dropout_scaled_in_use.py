# block: needle.nn.nn_basic:Dropout.forward
# error: scales in use instead of in training
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.training:
    return x * (1 - self.p)
kept = init.randb(*x.shape, p=1 - self.p, device=x.device, dtype=x.dtype)
return x * kept
