# block: needle.nn.nn_sequence:Embedding.forward
# error: gives the vectors of the first step for all steps
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps, batch = x.shape
chosen = init.one_hot(
    self.num_embeddings, Tensor(np.tile(x.numpy()[0], steps), device=x.device), device=x.device, dtype=self.weight.dtype
)
return ops.reshape(chosen @ self.weight, (steps, batch, self.embedding_dim))
