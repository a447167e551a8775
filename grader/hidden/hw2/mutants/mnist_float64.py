# block: needle.data.data_mnist:MNISTDataset.__init__
# error: keeps pixels in float64
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.images = images[..., np.newaxis] / 255
self.labels = labels
