# block: needle.nn.nn_basic:Dropout.forward
# error: makes float64 of float32
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.training:
    return x
kept = init.randb(*x.shape, p=1 - self.p, device=x.device, dtype=x.dtype)
return Tensor(x, dtype="float64") * (Tensor(kept, dtype="float64") / (1 - self.p))
