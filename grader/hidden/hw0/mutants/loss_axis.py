# block: hw0/src/simple_ml.py:softmax_loss
# error: normalises over the examples instead of the classes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Z = Z - Z.max(axis=0)
log_p = Z - np.log(np.exp(Z).sum(axis=0))
return -np.mean(log_p[np.arange(len(Z)), y])
