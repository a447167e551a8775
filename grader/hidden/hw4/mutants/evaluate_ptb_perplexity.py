# block: hw4/apps/simple_ml.py:evaluate_ptb
# error: returns the perplexity, not the loss
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
accuracy, loss = epoch_general_ptb(data, model, seq_len, loss_fn(), device=device, dtype=dtype)
return accuracy, float(np.exp(loss))
