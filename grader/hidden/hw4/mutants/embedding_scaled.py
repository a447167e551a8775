# block: needle.nn.nn_sequence:Embedding.forward
# error: multiplies vectors by the root of their size
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps, batch = x.shape
chosen = init.one_hot(self.num_embeddings, x.reshape((steps * batch,)), device=x.device, dtype=self.weight.dtype)
return ops.reshape(chosen @ self.weight * self.embedding_dim**0.5, (steps, batch, self.embedding_dim))
