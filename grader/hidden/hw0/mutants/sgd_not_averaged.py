# block: hw0/src/simple_ml.py:softmax_regression_epoch
# error: sums the gradient over the minibatch
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for i in range(0, len(X), batch):
    Xb, yb = X[i:i + batch], y[i:i + batch]
    Z = Xb @ theta
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    P[np.arange(len(yb)), yb] -= 1
    theta -= lr * Xb.T @ P
