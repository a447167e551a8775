# block: needle.nn.nn_basic:Sequential.forward
# error: returns after the first module
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for module in self.modules:
    return module(x)
return x
