# block: hw4/apps/models.py:ResNet9.forward
# error: applies ReLU to the logits
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return nn.ReLU()(self.layers(x))
