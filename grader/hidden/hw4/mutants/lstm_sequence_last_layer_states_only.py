# block: needle.nn.nn_sequence:LSTM.forward
# error: returns the states of the last layer alone
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
inputs = list(ops.split(X, axis=0).tuple())
if h is None:
    start = [None] * self.num_layers
else:
    hs, cs = (ops.split(each, axis=0).tuple() for each in h)
    start = list(zip(hs, cs, strict=True))
ends_h, ends_c = [], []
for layer, cell in enumerate(self.lstm_cells):
    state = start[layer]
    hidden = []
    for x in inputs:
        state = cell(x, state)
        hidden.append(state[0])
    inputs = hidden
    ends_h.append(state[0])
    ends_c.append(state[1])
return ops.stack(inputs, axis=0), (ops.stack(ends_h[-1:], axis=0), ops.stack(ends_c[-1:], axis=0))
