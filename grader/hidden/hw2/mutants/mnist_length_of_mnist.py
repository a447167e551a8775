# block: needle.data.data_mnist:MNISTDataset.__len__
# error: knows the length of the real data set
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return 60000
