# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: does not apply the transforms
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.images[index], self.labels[index]
