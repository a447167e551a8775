# block: needle.nn.nn_sequence:Embedding.__init__
# error: begins with zeros
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.zeros(num_embeddings, embedding_dim, device=device, dtype=dtype))
