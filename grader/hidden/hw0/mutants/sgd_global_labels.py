# block: hw0/src/simple_ml.py:softmax_regression_epoch
# error: takes each minibatch's labels from the beginning of y
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for i in range(0, len(X), batch):
    Xb = X[i:i + batch]
    yb = y[:len(Xb)]
    Z = Xb @ theta
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    P[np.arange(len(yb)), yb] -= 1
    theta -= lr * Xb.T @ P / len(yb)
