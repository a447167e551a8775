# block: needle.ops.ops_structure:Tanh.gradient
# error: multiplies by 1 - tanh(a)
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad * (1 - node)
