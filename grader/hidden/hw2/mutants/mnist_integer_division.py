# block: needle.data.data_mnist:MNISTDataset.__init__
# error: divides before converting
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.images = (images[..., np.newaxis] // 255).astype(np.float32)
self.labels = labels
