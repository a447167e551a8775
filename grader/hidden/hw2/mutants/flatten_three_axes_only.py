# block: needle.nn.nn_basic:Flatten.forward
# error: knows inputs with three axes only
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
n, rows, columns = X.shape
return X.reshape((n, rows * columns))
