# block: needle.nn.nn_basic:Residual.forward
# error: multiplies instead of adding
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.fn(x) * x
