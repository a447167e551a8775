# block: needle.nn.nn_basic:Residual.forward
# error: applies a ReLU to the sum
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return ops.relu(self.fn(x) + x)
