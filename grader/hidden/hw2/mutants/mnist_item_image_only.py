# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: returns the image without its label
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
image = self.images[index]
if image.ndim == 3:
    return self.apply_transforms(image)
return np.stack([self.apply_transforms(each) for each in image])
