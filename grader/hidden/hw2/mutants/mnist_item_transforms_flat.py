# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: gives the transforms flat images
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
image = self.images[index]
if image.ndim == 3:
    return self.apply_transforms(image.reshape(-1, 1, 1)), self.labels[index]
return np.stack([self.apply_transforms(each.reshape(-1, 1, 1)) for each in image]), self.labels[index]
