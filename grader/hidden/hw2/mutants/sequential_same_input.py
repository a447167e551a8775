# block: needle.nn.nn_basic:Sequential.forward
# error: gives each module the first input
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
result = x
for module in self.modules:
    result = module(x)
return result
