# block: needle.nn.nn_basic:Linear.forward
# error: broadcasts the bias to two axes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
result = X @ self.weight
if self.bias is None:
    return result
return result + self.bias.broadcast_to((X.shape[0], self.out_features))
