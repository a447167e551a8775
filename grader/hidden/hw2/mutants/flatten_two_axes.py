# block: needle.nn.nn_basic:Flatten.forward
# error: flattens the first axis with the second
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return X.reshape((X.shape[0] * X.shape[1], math.prod(X.shape[2:])))
