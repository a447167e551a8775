# block: hw0/src/simple_ml.py:nn_epoch
# error: counts the classes by the largest label
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for i in range(0, len(X), batch):
    Xb, yb = X[i:i + batch], y[i:i + batch]
    A = Xb @ W1
    Z = np.maximum(A, 0)
    L = Z @ W2
    P = np.exp(L - L.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    P = P - np.eye(int(y.max()) + 1)[yb]
    P /= len(yb)
    D = (P @ W2.T) * (A > 0)
    W1 -= lr * Xb.T @ D
    W2 -= lr * Z.T @ P
