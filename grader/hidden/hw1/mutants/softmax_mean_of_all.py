# block: hw1/apps/simple_ml.py:softmax_loss
# error: divides by the number of logits
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
log_sums = ndl.log(ndl.exp(Z).sum(axes=1))
chosen = (Z * y_one_hot).sum(axes=1)
return (log_sums - chosen).sum() / (Z.shape[0] * Z.shape[1])
