# block: hw2/apps/mlp_resnet.py:train_mnist
# error: ignores the size of minibatches
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
train = ndl.data.MNISTDataset(*mnist_files(data_dir, "train"))
test = ndl.data.MNISTDataset(*mnist_files(data_dir, "t10k"))
model = MLPResNet(784, hidden_dim)
opt = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
train_batches = ndl.data.DataLoader(train, 100, shuffle=True)
test_batches = ndl.data.DataLoader(test, batch_size)
return fit(epoch, model, opt, train_batches, test_batches, epochs, checkpoint)
