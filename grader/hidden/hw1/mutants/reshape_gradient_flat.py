# block: needle.ops.ops_mathematic:Reshape.gradient
# error: returns a flat gradient
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return reshape(out_grad, (-1,))
