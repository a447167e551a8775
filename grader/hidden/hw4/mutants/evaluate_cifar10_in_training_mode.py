# block: hw4/apps/simple_ml.py:evaluate_cifar10
# error: measures in training mode
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
model.train()
right, losses, count = 0, 0.0, 0
for X, y in dataloader:
    out = model(X)
    right += (out.numpy().argmax(axis=1) == y.numpy()).sum()
    losses += loss_fn()(out, y).numpy() * y.shape[0]
    count += y.shape[0]
return right / count, losses / count
