# block: hw4/apps/models.py:ResNet9.forward
# error: cuts the logits off from the graph
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.layers(x).detach()
