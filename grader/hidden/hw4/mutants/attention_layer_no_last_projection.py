# block: needle.nn.nn_transformer:AttentionLayer.forward
# error: forgets the last projection, where the shape allows it
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
batch, length, _ = q.shape

def heads(norm, projection, x):
    rows = norm(x.reshape((batch * x.shape[1], x.shape[2])))
    rows = projection(rows)
    return rows.reshape((batch, x.shape[1], self.num_head, self.dim_head)).transpose((1, 2))

result, _ = self.attn(
    heads(self.prenorm_q, self.q_projection, q),
    heads(self.prenorm_k, self.k_projection, k),
    heads(self.prenorm_v, self.v_projection, v),
)
joined = result.transpose((1, 2)).reshape((batch * length, self.num_head * self.dim_head))
return (joined if joined.shape[1] == self.out_features else self.out_projection(joined)).reshape((batch, length, self.out_features))
