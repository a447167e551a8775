# block: needle.nn.nn_transformer:AttentionLayer.forward
# error: hands keys over as values, and values as keys
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
batch, length, _ = q.shape

def heads(norm, projection, x):
    rows = projection(norm(x.reshape((batch * x.shape[1], x.shape[2]))))
    return rows.reshape((batch, x.shape[1], self.num_head, self.dim_head)).transpose((1, 2))

asked = heads(self.prenorm_q, self.q_projection, q)
keys = heads(self.prenorm_k, self.k_projection, k)
values = heads(self.prenorm_v, self.v_projection, v)
result, _ = self.attn(asked, values, keys)
joined = result.transpose((1, 2)).reshape((batch * length, self.num_head * self.dim_head))
return self.out_projection(joined).reshape((batch, length, self.out_features))
