# block: hw2/apps/mlp_resnet.py:train_mnist
# error: takes steps on the test images as well
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
train = ndl.data.MNISTDataset(*mnist_files(data_dir, "train"))
test = ndl.data.MNISTDataset(*mnist_files(data_dir, "t10k"))
model = MLPResNet(784, hidden_dim)
opt = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
train_batches = ndl.data.DataLoader(train, batch_size, shuffle=True)
test_batches = ndl.data.DataLoader(test, batch_size)
for _ in range(epochs):
    trained = epoch(train_batches, model, opt)
    tested = epoch(test_batches, model, opt)
return *trained, *tested
