# block: needle.nn.nn_basic:Dropout.forward
# error: does not scale what is kept
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.training:
    return x
kept = init.randb(*x.shape, p=1 - self.p, device=x.device, dtype=x.dtype)
return x * kept
