# block: needle.ops.ops_structure:Tanh.gradient
# error: forgets the adjoint of the result
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return 1 - node * node
