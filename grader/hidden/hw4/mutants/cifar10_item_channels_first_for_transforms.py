# block: needle.data.data_cifar10:CIFAR10Dataset.__getitem__
# error: hands images to transforms with their channels first
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if np.ndim(self.y[index]) == 0:
    return self.apply_transforms(self.X[index]), self.y[index]
return np.array([self.apply_transforms(img) for img in self.X[index]]), self.y[index]
