# block: hw1/apps/simple_ml.py:softmax_loss
# error: normalises over the examples instead of the classes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
log_sums = ndl.log(ndl.exp(Z).sum(axes=0)).sum()
return (log_sums - (Z * y_one_hot).sum()) / Z.shape[0]
