# block: needle.nn.nn_sequence:Embedding.forward
# error: takes vectors from the end
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps, batch = x.shape
chosen = init.one_hot(
    self.num_embeddings,
    Tensor(self.num_embeddings - 1 - x.numpy().reshape(-1), device=x.device),
    device=x.device,
    dtype=self.weight.dtype,
)
return ops.reshape(chosen @ self.weight, (steps, batch, self.embedding_dim))
