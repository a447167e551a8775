# block: needle.nn.nn_basic:Linear.forward
# error: forgets the bias
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return X @ self.weight
