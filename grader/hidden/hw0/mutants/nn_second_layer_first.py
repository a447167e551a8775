# block: hw0/src/simple_ml.py:nn_epoch
# error: updates W2 before it computes the gradient of W1
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for i in range(0, len(X), batch):
    Xb, yb = X[i:i + batch], y[i:i + batch]
    A = Xb @ W1
    Z = np.maximum(A, 0)
    L = Z @ W2
    P = np.exp(L - L.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    P[np.arange(len(yb)), yb] -= 1
    P /= len(yb)
    W2 -= lr * Z.T @ P
    D = (P @ W2.T) * (A > 0)
    W1 -= lr * Xb.T @ D
