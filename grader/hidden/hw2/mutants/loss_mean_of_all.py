# block: needle.nn.nn_basic:SoftmaxLoss.forward
# error: divides by examples times classes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
examples, classes = logits.shape
of_labels = logits * init.one_hot(classes, y, device=logits.device, dtype=logits.dtype)
return (ops.logsumexp(logits, axes=(1,)).sum() - of_labels.sum()) / (examples * classes)
