# block: hw4/apps/simple_ml.py:train_ptb
# error: forgets to hand on the length of chunks
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
opt = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
for _ in range(n_epochs):
    result = epoch_general_ptb(data, model, 40, loss_fn(), opt, clip, device, dtype)
return result
