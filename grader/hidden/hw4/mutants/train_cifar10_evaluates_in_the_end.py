# block: hw4/apps/simple_ml.py:train_cifar10
# error: returns what an evaluation after the training gives
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
opt = optimizer(model.parameters(), lr=lr, weight_decay=weight_decay)
for _ in range(n_epochs):
    result = epoch_general_cifar10(dataloader, model, loss_fn=loss_fn(), opt=opt)
return epoch_general_cifar10(dataloader, model, loss_fn=loss_fn())
