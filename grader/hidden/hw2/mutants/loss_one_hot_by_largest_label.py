# block: needle.nn.nn_basic:SoftmaxLoss.forward
# error: makes one-hot rows of the largest label's length
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
examples = logits.shape[0]
classes = int(y.numpy().max()) + 1
of_labels = logits * init.one_hot(classes, y, device=logits.device, dtype=logits.dtype)
return (ops.logsumexp(logits, axes=(1,)).sum() - of_labels.sum()) / examples
