# block: hw4/apps/simple_ml.py:evaluate_cifar10
# error: returns the accuracy alone
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return epoch_general_cifar10(dataloader, model, loss_fn=loss_fn())[0]
