# block: needle.nn.nn_transformer:MultiHeadAttention.forward
# error: takes probabilities away after the softmax, so that rows no longer add up to 1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
scores = self.matmul(q, k) / math.sqrt(q.shape[3])
probs = self.softmax(scores)
if self.causal:
    seen = np.tril(np.ones((1, 1, q.shape[2], k.shape[2])), k.shape[2] - q.shape[2])
    probs = probs * Tensor(seen, device=q.device, dtype=q.dtype, requires_grad=False).broadcast_to(probs.shape)
probs = self.dropout(probs)
return probs @ v, probs
