# block: hw4/apps/simple_ml.py:epoch_general_cifar10
# error: returns the loss first
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if opt is None:
    model.eval()
else:
    model.train()
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
return losses / count, correct / count
