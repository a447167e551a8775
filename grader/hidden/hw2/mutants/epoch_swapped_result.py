# block: hw2/apps/mlp_resnet.py:epoch
# error: returns the loss before the error
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if opt is None:
    model.eval()
else:
    model.train()
loss_of = nn.SoftmaxLoss()
seen, errors, losses = 0, 0, 0.0
for X, y in dataloader:
    if opt is not None:
        opt.reset_grad()
    scores = model(X)
    loss = loss_of(scores, y)
    errors += int((scores.numpy().argmax(axis=1) != y.numpy()).sum())
    losses += float(loss.numpy()) * len(y.numpy())
    seen += len(y.numpy())
    if opt is not None:
        loss.backward()
        opt.step()
return losses / seen, errors / seen
