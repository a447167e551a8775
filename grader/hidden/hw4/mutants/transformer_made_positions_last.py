# block: needle.nn.nn_transformer:Transformer.__init__
# error: makes the positions after the layers
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = (embedding_size, num_head, dim_head, hidden_size)
options = {"device": device, "dtype": dtype}
self.layers = [nn.TransformerLayer(*sizes, dropout=dropout, causal=causal, **options) for _ in range(num_layers)]
self.positions = nn.Embedding(sequence_len, embedding_size, **options)
