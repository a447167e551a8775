# block: needle.nn.nn_basic:Sequential.forward
# error: cuts the graph between modules
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for module in self.modules:
    x = module(x.data)
return x
