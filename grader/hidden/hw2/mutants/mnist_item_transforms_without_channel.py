# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: gives the transforms images without the axis of channels
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
image = self.images[index]
if image.ndim == 3:
    return self.apply_transforms(image[..., 0]), self.labels[index]
return np.stack([self.apply_transforms(each[..., 0]) for each in image]), self.labels[index]
