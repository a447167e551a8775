# block: hw4/apps/models.py:ResNet9.forward
# error: takes images with their channels last
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.layers(x.reshape((x.shape[0], 32, 32, 3)).transpose((1, 3)).transpose((2, 3)))
