# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: applies the transforms to single images alone
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
image = self.images[index]
return (self.apply_transforms(image) if image.ndim == 3 else image), self.labels[index]
