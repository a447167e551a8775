# block: needle.nn.nn_basic:Flatten.forward
# error: leaves the last axis as it is
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return X.reshape((math.prod(X.shape[:-1]), X.shape[-1]))
