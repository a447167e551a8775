# block: needle.nn.nn_basic:Residual.forward
# error: adds the input inside the function as well
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.fn(x + self.fn(x)) + x
