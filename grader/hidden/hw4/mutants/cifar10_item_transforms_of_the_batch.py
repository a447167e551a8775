# block: needle.data.data_cifar10:CIFAR10Dataset.__getitem__
# error: transforms several images as if they were one
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if self.transforms is None or not self.transforms:
    return self.X[index], self.y[index]
if np.ndim(self.y[index]) == 0:
    img = self.apply_transforms(self.X[index].transpose(1, 2, 0))
    return img.transpose(2, 0, 1), self.y[index]
stack = self.X[index].transpose(2, 0, 3, 1).reshape(32, -1, 3)
imgs = self.apply_transforms(stack).reshape(32, -1, 32, 3).transpose(1, 3, 0, 2)
return np.array(imgs), self.y[index]
