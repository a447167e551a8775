# block: hw1/apps/simple_ml.py:softmax_loss
# error: computes with arrays, so there is nothing to differentiate
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
values = Z.numpy()
log_sums = np.log(np.exp(values).sum(axis=1))
return ndl.Tensor(np.mean(log_sums - (values * y_one_hot.numpy()).sum(axis=1)))
