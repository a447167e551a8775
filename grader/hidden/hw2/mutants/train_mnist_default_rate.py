# block: hw2/apps/mlp_resnet.py:train_mnist
# error: does not hand on the step size
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
train = ndl.data.MNISTDataset(*mnist_files(data_dir, "train"))
test = ndl.data.MNISTDataset(*mnist_files(data_dir, "t10k"))
model = MLPResNet(784, hidden_dim)
opt = optimizer(model.parameters(), weight_decay=weight_decay)
train_batches = ndl.data.DataLoader(train, batch_size, shuffle=True)
test_batches = ndl.data.DataLoader(test, batch_size)
return fit(epoch, model, opt, train_batches, test_batches, epochs, checkpoint)
