# block: needle.nn.nn_basic:Sequential.forward
# error: leaves the last module out
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for module in self.modules[:-1]:
    x = module(x)
return x
