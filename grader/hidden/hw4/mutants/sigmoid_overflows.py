# block: needle.nn.nn_sequence:Sigmoid.forward
# error: computes exp(x) / (1 + exp(x)), which is no number for large x
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
grown = ops.exp(x)
return grown / (grown + 1)
