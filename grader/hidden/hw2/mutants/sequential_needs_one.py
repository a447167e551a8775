# block: needle.nn.nn_basic:Sequential.forward
# error: does not know that there may be no module
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
result = self.modules[0](x)
for module in self.modules[1:]:
    result = module(result)
return result
