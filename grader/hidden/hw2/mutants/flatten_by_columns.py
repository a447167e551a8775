# block: needle.nn.nn_basic:Flatten.forward
# error: lays the numbers of an example out by columns
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if len(X.shape) > 2:
    X = X.transpose()
return X.reshape((X.shape[0], math.prod(X.shape[1:])))
