# block: needle.data.data_mnist:MNISTDataset.__init__
# error: divides by the brightest pixel of the file
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.images = images[..., np.newaxis].astype(np.float32) / images.max()
self.labels = labels
