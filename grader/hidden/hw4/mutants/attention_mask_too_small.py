# block: needle.nn.nn_transformer:MultiHeadAttention.forward
# error: adds -1 to hidden scores, which leaves them a probability
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
scores = self.matmul(q, k) / math.sqrt(q.shape[3])
if self.causal:
    mask = -np.triu(np.ones((1, 1, q.shape[2], k.shape[2])), k.shape[2] - q.shape[2] + 1)
    mask = Tensor(mask, device=q.device, dtype=q.dtype, requires_grad=False)
    scores = scores + mask.broadcast_to(scores.shape)
probs = self.dropout(self.softmax(scores))
return probs @ v, probs
