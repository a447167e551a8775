# block: hw0/src/simple_ml.py:softmax_regression_epoch
# error: writes the number of classes as 10
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for i in range(0, len(X), batch):
    Xb, yb = X[i:i + batch], y[i:i + batch]
    Z = Xb @ theta
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    P = P - np.eye(10)[yb]
    theta -= lr * Xb.T @ P / len(yb)
