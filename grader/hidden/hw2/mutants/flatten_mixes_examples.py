# block: needle.nn.nn_basic:Flatten.forward
# error: puts the examples into columns and mixes them
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return X.reshape((math.prod(X.shape[1:]), X.shape[0])).transpose()
