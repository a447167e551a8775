# block: needle.nn.nn_sequence:Embedding.__init__
# error: draws around 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.randn(num_embeddings, embedding_dim, mean=1.0, device=device, dtype=dtype))
