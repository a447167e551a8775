# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: applies the transforms and puts the result into the data set
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
image = self.images[index]
if image.ndim == 3:
    image[:] = self.apply_transforms(image)
    return image, self.labels[index]
return np.stack([self.apply_transforms(each) for each in image]), self.labels[index]
