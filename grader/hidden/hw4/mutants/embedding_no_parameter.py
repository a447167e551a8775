# block: needle.nn.nn_sequence:Embedding.__init__
# error: keeps a tensor that is no parameter
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = init.randn(num_embeddings, embedding_dim, device=device, dtype=dtype)
