# block: needle.nn.nn_sequence:Embedding.__init__
# error: divides the standard deviation by the root of the size of vectors
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.randn(num_embeddings, embedding_dim, std=embedding_dim**-0.5, device=device, dtype=dtype))
