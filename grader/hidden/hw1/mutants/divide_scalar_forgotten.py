# block: needle.ops.ops_mathematic:DivScalar.gradient
# error: passes the gradient through unchanged
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad
