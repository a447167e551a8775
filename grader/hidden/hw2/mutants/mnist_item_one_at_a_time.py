# block: needle.data.data_mnist:MNISTDataset.__getitem__
# error: knows no slices
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.apply_transforms(self.images[int(index)]), self.labels[int(index)]
