# block: needle.nn.nn_transformer:TransformerLayer.forward
# error: does not drop between the linear layers
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = x.shape
flat = (shape[0] * shape[1], shape[2])
x = x + self.drop(self.attention(x))
rows = self.norm(x.reshape(flat))
rows = ops.relu(self.linear1(rows))
rows = self.drop(self.linear2(rows))
return x + rows.reshape(shape)
