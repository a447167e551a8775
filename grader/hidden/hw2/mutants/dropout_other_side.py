# block: needle.nn.nn_basic:Dropout.forward
# error: drops where the number is at most p, which is another draw
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.training:
    return x
kept = 1 - init.randb(*x.shape, p=self.p, device=x.device, dtype=x.dtype)
return x * (kept / (1 - self.p))
