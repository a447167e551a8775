# block: needle.nn.nn_basic:Sequential.forward
# error: calls each module twice
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for module in self.modules:
    module(x)
    x = module(x)
return x
