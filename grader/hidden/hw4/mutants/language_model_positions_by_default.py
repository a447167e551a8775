# block: hw4/apps/models.py:LanguageModel.__init__
# error: has positions for 2,048 words always
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
place = {"device": device, "dtype": dtype}
self.embedding = nn.Embedding(output_size, embedding_size, **place)
if seq_model == "rnn":
    self.seq_model = nn.RNN(embedding_size, hidden_size, num_layers, **place)
elif seq_model == "lstm":
    self.seq_model = nn.LSTM(embedding_size, hidden_size, num_layers, **place)
else:
    self.seq_model = nn.Transformer(embedding_size, hidden_size, num_layers, **place)
width = embedding_size if seq_model == "transformer" else hidden_size
self.linear = nn.Linear(width, output_size, **place)
