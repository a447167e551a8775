# block: needle.data.data_cifar10:CIFAR10Dataset.__getitem__
# error: applies the first transform alone
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
def changed(img):
    return self.transforms[0](img.transpose(1, 2, 0)).transpose(2, 0, 1) if self.transforms else img


if np.ndim(self.y[index]) == 0:
    return changed(self.X[index]), self.y[index]
return np.array([changed(img) for img in self.X[index]]), self.y[index]
