# block: hw0/src/simple_ml.py:softmax_loss
# error: subtracts the maximum in one term and not in the other
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return np.mean(np.log(np.exp(Z - Z.max(axis=1, keepdims=True)).sum(axis=1)) - Z[np.arange(len(Z)), y])
