# block: hw4/apps/simple_ml.py:evaluate_ptb
# error: forgets to hand on the length of chunks
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return epoch_general_ptb(data, model, 40, loss_fn(), device=device, dtype=dtype)
