# block: needle.nn.nn_sequence:Embedding.__init__
# error: has zeros for the first word
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.randn(num_embeddings, embedding_dim, device=device, dtype=dtype))
rows = self.weight.numpy()
rows[0] = 0
self.weight = Parameter(rows, device=device, dtype=dtype)
