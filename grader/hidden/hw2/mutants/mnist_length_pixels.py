# block: needle.data.data_mnist:MNISTDataset.__len__
# error: counts pixels
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.images.size
