# block: needle.data.data_cifar10:CIFAR10Dataset.__len__
# error: counts the channels of an image
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return len(self.X[0])
