# block: hw4/apps/models.py:LanguageModel.forward
# error: stands logits text after text, not step after step
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
vectors = self.embedding(x)
out, state = self.seq_model(vectors, h)
steps, batch, width = out.shape
logits = self.linear(out.transpose((0, 1)).reshape((steps * batch, width)))
return logits, state
