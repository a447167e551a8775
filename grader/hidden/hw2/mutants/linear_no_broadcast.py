# block: needle.nn.nn_basic:Linear.forward
# error: adds the bias without broadcasting it
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
result = X @ self.weight
return result if self.bias is None else result + self.bias
