# block: hw4/apps/simple_ml.py:train_ptb
# error: returns what an evaluation after the training gives
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
opt = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
for _ in range(n_epochs):
    result = epoch_general_ptb(data, model, seq_len, loss_fn(), opt, clip, device, dtype)
return epoch_general_ptb(data, model, seq_len, loss_fn(), device=device, dtype=dtype)
