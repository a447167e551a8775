# block: needle.nn.nn_sequence:Embedding.__init__
# error: has a bias as well
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.randn(num_embeddings, embedding_dim, device=device, dtype=dtype))
self.bias = Parameter(init.zeros(embedding_dim, device=device, dtype=dtype))
