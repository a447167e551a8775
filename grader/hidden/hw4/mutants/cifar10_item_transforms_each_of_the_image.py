# block: needle.data.data_cifar10:CIFAR10Dataset.__getitem__
# error: applies each transform to the image itself, so that the last one alone counts
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
def changed(img):
    for transform in self.transforms or []:
        new = transform(img.transpose(1, 2, 0)).transpose(2, 0, 1)
    return new if self.transforms else img


if np.ndim(self.y[index]) == 0:
    return changed(self.X[index]), self.y[index]
return np.array([changed(img) for img in self.X[index]]), self.y[index]
