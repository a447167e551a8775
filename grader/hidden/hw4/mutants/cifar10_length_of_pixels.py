# block: needle.data.data_cifar10:CIFAR10Dataset.__len__
# error: counts all pixels
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.X.size
