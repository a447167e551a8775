# block: needle.nn.nn_basic:Linear.forward
# error: does not know that there may be no bias
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
result = X @ self.weight
return result + self.bias.broadcast_to(result.shape)
