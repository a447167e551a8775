# block: needle.nn.nn_basic:Residual.forward
# error: forgets the input
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.fn(x)
