# block: needle.nn.nn_basic:SoftmaxLoss.forward
# error: takes for granted that there are ten classes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
examples = logits.shape[0]
of_labels = logits * init.one_hot(10, y, device=logits.device, dtype=logits.dtype)
return (ops.logsumexp(logits, axes=(1,)).sum() - of_labels.sum()) / examples
