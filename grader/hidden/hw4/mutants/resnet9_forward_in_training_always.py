# block: hw4/apps/models.py:ResNet9.forward
# error: is in training always
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.train()
return self.layers(x)
