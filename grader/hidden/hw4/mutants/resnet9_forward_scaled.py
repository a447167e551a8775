# block: hw4/apps/models.py:ResNet9.forward
# error: divides pixels by 255, which the data set has done
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.layers(x / 255)
