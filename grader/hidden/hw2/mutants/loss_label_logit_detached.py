# block: needle.nn.nn_basic:SoftmaxLoss.forward
# error: picks the labels' logits outside the graph
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
examples = logits.shape[0]
of_labels = logits.numpy()[range(examples), y.numpy()].sum()
return (ops.logsumexp(logits, axes=(1,)).sum() - float(of_labels)) / examples
