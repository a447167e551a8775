# block: needle.nn.nn_basic:Sequential.forward
# error: begins with the last module
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for module in reversed(self.modules):
    x = module(x)
return x
