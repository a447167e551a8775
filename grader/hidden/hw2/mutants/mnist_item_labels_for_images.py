# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: swaps images and labels
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
image, label = self.images[index], self.labels[index]
if image.ndim == 3:
    return label, self.apply_transforms(image)
return label, np.stack([self.apply_transforms(each) for each in image])
