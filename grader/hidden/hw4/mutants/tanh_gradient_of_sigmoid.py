# block: needle.ops.ops_structure:Tanh.gradient
# error: multiplies by y * (1 - y), as for a sigmoid
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return out_grad * node * (1 - node)
