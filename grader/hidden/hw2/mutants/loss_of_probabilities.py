# block: needle.nn.nn_basic:SoftmaxLoss.forward
# error: applies the softmax twice
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
examples, classes = logits.shape
probabilities = ops.exp(ops.logsoftmax(logits))
of_labels = probabilities * init.one_hot(classes, y, device=logits.device, dtype=logits.dtype)
return (ops.logsumexp(probabilities, axes=(1,)).sum() - of_labels.sum()) / examples
