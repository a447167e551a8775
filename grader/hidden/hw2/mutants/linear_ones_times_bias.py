# block: needle.nn.nn_basic:Linear.forward
# error: broadcasts by a product with ones, which a bias of one axis does not have
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
result = X @ self.weight
if self.bias is None:
    return result
return result + init.ones(*X.shape[:-1], 1, device=X.device, dtype=X.dtype) @ self.bias
