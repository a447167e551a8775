# block: hw0/src/simple_ml.py:softmax_loss
# error: exponentiates without subtracting the maximum
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return np.mean(np.log(np.exp(Z).sum(axis=1)) - Z[np.arange(len(Z)), y])
