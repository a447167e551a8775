# block: needle.nn.nn_basic:SoftmaxLoss.forward
# error: sums the exponentials over the examples
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
examples, classes = logits.shape
of_labels = logits * init.one_hot(classes, y, device=logits.device, dtype=logits.dtype)
return (ops.logsumexp(logits, axes=(0,)).sum() - of_labels.sum()) / examples
