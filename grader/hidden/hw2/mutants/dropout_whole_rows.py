# block: needle.nn.nn_basic:Dropout.forward
# error: drops whole rows
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.training:
    return x
kept = init.randb(x.shape[0], *[1] * (len(x.shape) - 1), p=1 - self.p, device=x.device, dtype=x.dtype)
kept = kept.broadcast_to(x.shape)
return x * (kept / (1 - self.p))
