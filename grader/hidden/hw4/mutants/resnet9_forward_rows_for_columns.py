# block: hw4/apps/models.py:ResNet9.forward
# error: swaps rows and columns
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.layers(x.transpose((2, 3)))
