# block: needle.nn.nn_basic:ReLU.forward
# error: stops at six
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return ops.relu(x) - ops.relu(x - 6)
