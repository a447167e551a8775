# block: needle.ops.ops_mathematic:Transpose.gradient
# error: always swaps the last two axes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return transpose(out_grad)
