# block: needle.data.data_cifar10:CIFAR10Dataset.__getitem__
# error: applies transforms to one image, and not to several
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if self.transforms is None or not self.transforms:
    return self.X[index], self.y[index]
if np.ndim(self.y[index]) == 0:
    img = self.apply_transforms(self.X[index].transpose(1, 2, 0))
    return img.transpose(2, 0, 1), self.y[index]
imgs = self.X[index]
return np.array(imgs), self.y[index]
