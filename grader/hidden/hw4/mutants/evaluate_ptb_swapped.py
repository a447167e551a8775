# block: hw4/apps/simple_ml.py:evaluate_ptb
# error: returns the loss first
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return epoch_general_ptb(data, model, seq_len, loss_fn(), device=device, dtype=dtype)[::-1]
