# block: needle.nn.nn_sequence:Embedding.forward
# error: reads the batch as the sequence
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps, batch = x.shape
chosen = init.one_hot(
    self.num_embeddings, ops.transpose(x).reshape((steps * batch,)), device=x.device, dtype=self.weight.dtype
)
return ops.reshape(chosen @ self.weight, (steps, batch, self.embedding_dim))
