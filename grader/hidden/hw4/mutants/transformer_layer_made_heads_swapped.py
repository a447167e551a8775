# block: needle.nn.nn_transformer:TransformerLayer.__init__
# error: swaps the number of heads and their width
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
options = {"device": device, "dtype": dtype}
self.attention = nn.AttentionLayer(q_features, dim_head, num_head, dropout=dropout, causal=causal, **options)
self.norm = nn.LayerNorm1d(q_features, **options)
self.linear1 = nn.Linear(q_features, hidden_size, **options)
self.linear2 = nn.Linear(hidden_size, q_features, **options)
self.drop = nn.Dropout(dropout)
