# block: needle.data.data_mnist:MNISTDataset.__init__
# error: applies the transforms once, when the data set is made
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.images = images[..., np.newaxis].astype(np.float32) / 255
if transforms:
    self.images = np.stack([self.apply_transforms(image) for image in self.images])
self.transforms = None
self.labels = labels
