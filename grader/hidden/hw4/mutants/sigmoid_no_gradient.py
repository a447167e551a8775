# block: needle.nn.nn_sequence:Sigmoid.forward
# error: computes with NumPy, so that no gradient comes back
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return Tensor(1 / (1 + np.exp(-x.numpy())), device=x.device, dtype=x.dtype)
