# block: needle.nn.nn_basic:ReLU.forward
# error: computes outside the graph
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return Tensor(x.numpy() * (x.numpy() > 0), device=x.device, dtype=x.dtype)
