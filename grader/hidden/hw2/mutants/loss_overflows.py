# block: needle.nn.nn_basic:SoftmaxLoss.forward
# error: computes the exponentials of the logits themselves
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
examples, classes = logits.shape
of_labels = logits * init.one_hot(classes, y, device=logits.device, dtype=logits.dtype)
return (ops.log(ops.exp(logits).sum(axes=(1,))).sum() - of_labels.sum()) / examples
