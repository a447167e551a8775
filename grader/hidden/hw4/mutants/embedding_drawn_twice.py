# block: needle.nn.nn_sequence:Embedding.__init__
# error: draws twice
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.randn(num_embeddings, embedding_dim, device=device, dtype=dtype))
self.weight = Parameter(init.randn(num_embeddings, embedding_dim, device=device, dtype=dtype))
