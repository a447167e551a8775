# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: applies the transforms to several images as if they were one
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.apply_transforms(self.images[index]), self.labels[index]
