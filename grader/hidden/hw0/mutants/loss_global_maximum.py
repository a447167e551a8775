# block: hw0/src/simple_ml.py:softmax_loss
# error: subtracts one maximum for all rows
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Z = Z - Z.max()
return np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(Z)), y])
