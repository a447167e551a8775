# block: needle.nn.nn_sequence:Embedding.__init__
# error: draws a column for each word
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
drawn = init.randn(embedding_dim, num_embeddings, device=device, dtype=dtype)
self.weight = Parameter(ops.transpose(drawn))
