# block: needle.nn.nn_sequence:Embedding.__init__
# error: draws with standard deviation 0.02
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.randn(num_embeddings, embedding_dim, std=0.02, device=device, dtype=dtype))
