# block: hw0/src/simple_ml.py:softmax_regression_epoch
# error: shuffles the examples
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
order = np.random.permutation(len(X))
X, y = X[order], y[order]
for i in range(0, len(X), batch):
    Xb, yb = X[i:i + batch], y[i:i + batch]
    Z = Xb @ theta
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    P[np.arange(len(yb)), yb] -= 1
    theta -= lr * Xb.T @ P / len(yb)
