# block: needle.nn.nn_transformer:Transformer.__init__
# error: swaps the sizes of embedding and hidden layer in the linear layers
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = (embedding_size, num_head, dim_head, embedding_size)
options = {"device": device, "dtype": dtype}
self.positions = nn.Embedding(sequence_len, embedding_size, **options)
self.layers = [nn.TransformerLayer(*sizes, dropout=dropout, causal=causal, **options) for _ in range(num_layers)]
