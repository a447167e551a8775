# block: hw4/apps/simple_ml.py:epoch_general_cifar10
# error: leaves the mode as it is
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
correct, losses, count = 0, 0.0, 0
for X, y in dataloader:
    out = model(X)
    loss = loss_fn(out, y)
    correct += float((out.numpy().argmax(axis=1) == y.numpy()).sum())
    losses += float(loss.numpy()) * y.shape[0]
    count += y.shape[0]
    if opt is not None:
        opt.reset_grad()
        loss.backward()
        opt.step()
return correct / count, losses / count
