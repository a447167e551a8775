# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: transforms all images of a slice by what was drawn for one
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
image = self.images[index]
if image.ndim == 3:
    return self.apply_transforms(image), self.labels[index]
state = np.random.get_state()
transformed = []
for each in image:
    np.random.set_state(state)
    transformed.append(self.apply_transforms(each))
return np.stack(transformed), self.labels[index]
