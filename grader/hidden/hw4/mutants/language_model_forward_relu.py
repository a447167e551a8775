# block: hw4/apps/models.py:LanguageModel.forward
# error: applies ReLU before the linear layer
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
vectors = self.embedding(x)
out, state = self.seq_model(vectors, h)
steps, batch, width = out.shape
logits = self.linear(nn.ReLU()(out.reshape((steps * batch, width))))
return logits, state
