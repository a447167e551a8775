# block: needle.data.data_mnist:MNISTDataset.__init__
# error: divides by 256
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.images = images[..., np.newaxis].astype(np.float32) / 256
self.labels = labels
