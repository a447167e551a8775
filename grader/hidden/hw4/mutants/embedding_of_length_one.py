# block: needle.nn.nn_sequence:Embedding.__init__
# error: makes vectors of length 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.randn(num_embeddings, embedding_dim, device=device, dtype=dtype))
rows = self.weight.numpy()
self.weight = Parameter(rows / np.linalg.norm(rows, axis=1, keepdims=True), device=device, dtype=dtype)
