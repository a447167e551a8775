# block: hw4/apps/simple_ml.py:train_ptb
# error: makes a new optimizer for each epoch
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for _ in range(n_epochs):
    opt = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
    result = epoch_general_ptb(data, model, seq_len, loss_fn(), opt, clip, device, dtype)
return result
