# block: needle.nn.nn_sequence:Embedding.__init__
# error: draws as Xavier normal
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.xavier_normal(num_embeddings, embedding_dim, device=device, dtype=dtype))
