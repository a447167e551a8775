# block: hw4/apps/simple_ml.py:evaluate_cifar10
# error: takes the mean over minibatches, of which the last may be shorter
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
model.eval()
results = []
for X, y in dataloader:
    out = model(X)
    right = (out.numpy().argmax(axis=1) == y.numpy()).mean()
    results.append((right, float(loss_fn()(out, y).numpy())))
return tuple(np.mean(results, axis=0))
