# block: needle.nn.nn_transformer:Transformer.__init__
# error: makes positions for 2,048 steps, however many are asked for
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
sizes = (embedding_size, num_head, dim_head, hidden_size)
options = {"device": device, "dtype": dtype}
self.positions = nn.Embedding(2048, embedding_size, **options)
self.layers = [nn.TransformerLayer(*sizes, dropout=dropout, causal=causal, **options) for _ in range(num_layers)]
