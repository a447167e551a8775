# block: hw4/apps/simple_ml.py:evaluate_cifar10
# error: trains with SGD
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return epoch_general_cifar10(dataloader, model, loss_fn=loss_fn(), opt=ndl.optim.SGD(model.parameters()))
