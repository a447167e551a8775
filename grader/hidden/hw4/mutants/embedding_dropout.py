# block: needle.nn.nn_sequence:Embedding.forward
# error: drops some numbers in training
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
steps, batch = x.shape
chosen = init.one_hot(self.num_embeddings, x.reshape((steps * batch,)), device=x.device, dtype=self.weight.dtype)
return ops.reshape(
    ops.mul_scalar(chosen @ self.weight, 1.0) * init.randb(steps * batch, self.embedding_dim, p=0.9, device=x.device),
    (steps, batch, self.embedding_dim),
)
