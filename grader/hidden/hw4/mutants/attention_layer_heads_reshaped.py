# block: needle.nn.nn_transformer:AttentionLayer.forward
# error: reshapes to heads without a transpose
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
batch, length, _ = q.shape

def heads(norm, projection, x):
    rows = norm(x.reshape((batch * x.shape[1], x.shape[2])))
    rows = projection(rows)
    return rows.reshape((batch, self.num_head, x.shape[1], self.dim_head))

result, _ = self.attn(
    heads(self.prenorm_q, self.q_projection, q),
    heads(self.prenorm_k, self.k_projection, k),
    heads(self.prenorm_v, self.v_projection, v),
)
joined = result.transpose((1, 2)).reshape((batch * length, self.num_head * self.dim_head))
return self.out_projection(joined).reshape((batch, length, self.out_features))
