# block: needle.nn.nn_sequence:RNN.forward
# error: begins with zeros whatever states it is given
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
inputs = list(ops.split(X, axis=0).tuple())
start = [None] * self.num_layers
ends = []
for layer, cell in enumerate(self.rnn_cells):
    h = start[layer]
    hidden = []
    for x in inputs:
        h = cell(x, h)
        hidden.append(h)
    inputs = hidden
    ends.append(h)
return ops.stack(inputs, axis=0), ops.stack(ends, axis=0)
