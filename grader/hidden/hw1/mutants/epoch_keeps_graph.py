# block: hw1/apps/simple_ml.py:nn_epoch
# error: updates with operators, so the graph grows from step to step
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for start in range(0, len(X), batch):
    inputs, targets = ndl.Tensor(X[start:start + batch]), ndl.init.one_hot(W2.shape[1], y[start:start + batch])
    loss = softmax_loss(ndl.relu(inputs @ W1) @ W2, targets)
    loss.backward()
    W1 = W1 - lr * W1.grad
    W2 = W2 - lr * W2.grad
return W1, W2
