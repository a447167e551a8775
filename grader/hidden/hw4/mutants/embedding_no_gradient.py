# block: needle.nn.nn_sequence:Embedding.forward
# error: picks rows from the numbers, so that there is no gradient
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
rows = self.weight.numpy()[x.numpy().astype(int)]
return Tensor(rows, device=x.device, dtype=self.weight.dtype)
