# block: hw4/apps/models.py:ResNet9.forward
# error: is in use always
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.eval()
return self.layers(x)
