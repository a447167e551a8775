# block: hw4/apps/models.py:LanguageModel.forward
# error: gives chances, not logits
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
vectors = self.embedding(x)
out, state = self.seq_model(vectors, h)
steps, batch, width = out.shape
logits = self.linear(out.reshape((steps * batch, width)))
rows = np.exp(logits.numpy())
rows = rows / rows.sum(axis=1, keepdims=True)
return logits * Tensor(rows / logits.numpy(), device=x.device, dtype=x.dtype), state
