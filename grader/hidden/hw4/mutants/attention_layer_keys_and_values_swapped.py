# block: needle.nn.nn_transformer:AttentionLayer.forward
# error: projects keys with the values' projection and the other way round, where they fit
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
batch, length, _ = q.shape

def heads(norm, projection, x):
    rows = norm(x.reshape((batch * x.shape[1], x.shape[2])))
    rows = projection(rows)
    return rows.reshape((batch, x.shape[1], self.num_head, self.dim_head)).transpose((1, 2))

k_projection, v_projection = self.k_projection, self.v_projection
if self.k_features == self.v_features:
    k_projection, v_projection = v_projection, k_projection
result, _ = self.attn(
    heads(self.prenorm_q, self.q_projection, q),
    heads(self.prenorm_k, k_projection, k),
    heads(self.prenorm_v, v_projection, v),
)
joined = result.transpose((1, 2)).reshape((batch * length, self.num_head * self.dim_head))
return self.out_projection(joined).reshape((batch, length, self.out_features))
