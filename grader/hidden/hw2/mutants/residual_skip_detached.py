# block: needle.nn.nn_basic:Residual.forward
# error: takes the input for a constant where it is added
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.fn(x) + x.data
