# block: needle.data.data_cifar10:CIFAR10Dataset.__getitem__
# error: applies no transform
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.X[index], self.y[index]
