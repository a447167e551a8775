# block: hw4/apps/models.py:ResNet9.forward
# error: returns chances, not logits
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
logits = self.layers(x)
rows = np.exp(logits.numpy())
rows = rows / rows.sum(axis=1, keepdims=True)
return logits * Tensor(rows / logits.numpy(), device=x.device, dtype=x.dtype)
