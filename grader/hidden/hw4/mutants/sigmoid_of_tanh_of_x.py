# block: needle.nn.nn_sequence:Sigmoid.forward
# error: takes tanh(x) for tanh(x / 2)
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return (ops.tanh(x) + 1) / 2
