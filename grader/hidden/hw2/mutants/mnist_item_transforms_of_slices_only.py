# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: applies the transforms to several images alone
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
image = self.images[index]
if image.ndim == 3:
    return image, self.labels[index]
return np.stack([self.apply_transforms(each) for each in image]), self.labels[index]
