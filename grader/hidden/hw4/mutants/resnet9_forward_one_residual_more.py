# block: hw4/apps/models.py:ResNet9.forward
# error: adds the sum of the images
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.layers(x) + x.sum(axes=(1, 2, 3)).reshape((x.shape[0], 1)).broadcast_to((x.shape[0], 10))
