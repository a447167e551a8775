# block: needle.nn.nn_transformer:MultiHeadAttention.forward
# error: makes rows add up to 1 again after the dropout
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
scores = self.matmul(q, k) / math.sqrt(q.shape[3])
if self.causal:
    mask = self.create_causal_mask(q.shape[2], k.shape[2], q.device)
    mask = Tensor(mask, device=q.device, dtype=q.dtype, requires_grad=False)
    scores = scores + mask.broadcast_to(scores.shape)
probs = self.dropout(self.softmax(scores))
totals = probs.sum(axes=(3,)).reshape((*probs.shape[:3], 1)) + 1e-6
probs = probs / totals.broadcast_to(probs.shape)
return probs @ v, probs
