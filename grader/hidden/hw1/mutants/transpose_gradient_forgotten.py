# block: needle.ops.ops_mathematic:Transpose.gradient
# error: does not swap back
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad
