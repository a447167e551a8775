# block: hw1/apps/simple_ml.py:softmax_loss
# error: normalises over all examples at once
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
log_sum = ndl.log(ndl.exp(Z).sum())
return log_sum - (Z * y_one_hot).sum() / Z.shape[0]
