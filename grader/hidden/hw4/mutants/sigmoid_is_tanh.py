# block: needle.nn.nn_sequence:Sigmoid.forward
# error: is tanh, from -1 to 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return ops.tanh(x / 2)
