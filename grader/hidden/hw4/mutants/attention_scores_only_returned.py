# block: needle.nn.nn_transformer:MultiHeadAttention.forward
# error: returns scores for probabilities
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
scores = self.matmul(q, k) / math.sqrt(q.shape[3])
if self.causal:
    mask = self.create_causal_mask(q.shape[2], k.shape[2], q.device)
    mask = Tensor(mask, device=q.device, dtype=q.dtype, requires_grad=False)
    scores = scores + mask.broadcast_to(scores.shape)
probs = self.dropout(self.softmax(scores))
return probs @ v, scores
