# block: needle.nn.nn_basic:ReLU.forward
# error: lets a little of what is below zero through
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return ops.relu(x) - 0.01 * ops.relu(-x)
