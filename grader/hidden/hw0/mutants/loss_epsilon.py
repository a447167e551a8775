# block: hw0/src/simple_ml.py:softmax_loss
# error: adds a small number within the logarithm
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
p = np.exp(Z - Z.max(axis=1, keepdims=True))
p /= p.sum(axis=1, keepdims=True)
return -np.mean(np.log(p[np.arange(len(Z)), y] + 1e-10))
