# block: needle.nn.nn_sequence:Sigmoid.forward
# error: takes exp(x) for exp(-x)
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return (ops.exp(x) + 1) ** -1
