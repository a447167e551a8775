# block: needle.ops.ops_structure:Flip.gradient
# error: flips the adjoint along all axes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return flip(out_grad)
