# block: hw4/apps/models.py:LanguageModel.forward
# error: gives what the sequence model puts out, without the linear layer
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
vectors = self.embedding(x)
out, state = self.seq_model(vectors, h)
steps, batch, width = out.shape
logits = self.linear(out.reshape((steps * batch, width)))
return out.reshape((steps * batch, width)), state
