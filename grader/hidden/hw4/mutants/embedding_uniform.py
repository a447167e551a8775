# block: needle.nn.nn_sequence:Embedding.__init__
# error: draws from 0 to 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.weight = Parameter(init.rand(num_embeddings, embedding_dim, device=device, dtype=dtype))
