# block: needle.nn.nn_basic:Residual.forward
# error: takes the mean of both
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return (self.fn(x) + x) / 2
