# block: needle.ops.ops_mathematic:Reshape.gradient
# error: reshapes to the output's shape
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return reshape(out_grad, self.shape)
