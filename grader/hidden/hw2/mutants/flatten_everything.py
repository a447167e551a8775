# block: needle.nn.nn_basic:Flatten.forward
# error: flattens the batch as well
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return X.reshape((math.prod(X.shape),))
