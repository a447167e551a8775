# block: needle.ops.ops_mathematic:Negate.gradient
# error: forgets the sign
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad
