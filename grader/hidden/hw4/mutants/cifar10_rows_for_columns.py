# block: needle.data.data_cifar10:CIFAR10Dataset.__init__
# error: swaps rows and columns
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
files = ["data_batch_%d" % k for k in range(1, 6)] if train else ["test_batch"]
parts, labels = [], []
for name in files:
    rows, numbers = read_batch(os.path.join(base_folder, name))
    parts.append(rows)
    labels.append(numbers)
X = np.concatenate(parts).astype("float32") / 255
self.X = X.reshape(-1, 3, 32, 32).transpose(0, 1, 3, 2)
self.y = np.concatenate(labels)
