# block: needle.nn.nn_transformer:MultiHeadAttention.forward
# error: lets a query see the next step
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
scores = self.matmul(q, k) / math.sqrt(q.shape[3])
if self.causal:
    mask = np.finfo('float32').min * np.triu(np.ones((1, 1, q.shape[2], k.shape[2])), k.shape[2] - q.shape[2] + 2)
    mask = Tensor(mask, device=q.device, dtype=q.dtype, requires_grad=False)
    scores = scores + mask.broadcast_to(scores.shape)
probs = self.dropout(self.softmax(scores))
return probs @ v, probs
