# block: hw4/apps/models.py:LanguageModel.forward
# error: gives the logits of the last step for all
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
vectors = self.embedding(x)
out, state = self.seq_model(vectors, h)
steps, batch, width = out.shape
logits = self.linear(
    (out * Tensor(np.eye(steps)[-1:].T.reshape(steps, 1, 1) * np.ones(out.shape), device=x.device, dtype=x.dtype))
    .sum(axes=0)
    .reshape((1, batch, width))
    .broadcast_to((steps, batch, width))
    .reshape((steps * batch, width))
)
return logits, state
