# block: hw1/apps/simple_ml.py:nn_epoch
# error: takes all examples from the minibatch's first on
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for start in range(0, len(X), batch):
    inputs, targets = ndl.Tensor(X[start:]), ndl.init.one_hot(W2.shape[1], y[start:])
    loss = softmax_loss(ndl.relu(inputs @ W1) @ W2, targets)
    loss.backward()
    W1 = ndl.Tensor(W1.numpy() - lr * W1.grad.numpy())
    W2 = ndl.Tensor(W2.numpy() - lr * W2.grad.numpy())
return W1, W2
