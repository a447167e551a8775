# block: needle.ops.ops_structure:Flip.gradient
# error: hands the adjoint on as it is
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad * 1
