# block: needle.nn.nn_basic:SoftmaxLoss.forward
# error: has the sign the other way
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
examples, classes = logits.shape
of_labels = logits * init.one_hot(classes, y, device=logits.device, dtype=logits.dtype)
return (of_labels.sum() - ops.logsumexp(logits, axes=(1,)).sum()) / examples
