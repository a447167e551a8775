# block: needle.data.data_cifar10:CIFAR10Dataset.__getitem__
# error: applies the last transform first
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
def changed(img):
    img = img.transpose(1, 2, 0)
    for transform in reversed(self.transforms or []):
        img = transform(img)
    return img.transpose(2, 0, 1)


if np.ndim(self.y[index]) == 0:
    return changed(self.X[index]), self.y[index]
return np.array([changed(img) for img in self.X[index]]), self.y[index]
