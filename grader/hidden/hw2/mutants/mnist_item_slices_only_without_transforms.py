# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: knows slices only without transforms
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if self.transforms:
    return self.apply_transforms(self.images[int(index)]), self.labels[int(index)]
return self.images[index], self.labels[index]
