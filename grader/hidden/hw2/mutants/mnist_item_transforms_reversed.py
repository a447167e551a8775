# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: applies the transforms in reverse order
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
def apply(image):
    for transform in reversed(self.transforms or []):
        image = transform(image)
    return image

image = self.images[index]
return (apply(image) if image.ndim == 3 else np.stack([apply(each) for each in image])), self.labels[index]
