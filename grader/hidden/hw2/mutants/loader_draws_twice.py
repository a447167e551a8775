# block: needle.data.data_basic:DataLoader.__iter__
# error: draws two orders and takes the second
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if self.shuffle:
    np.random.permutation(len(self.dataset))
    self.ordering = self.split(np.random.permutation(len(self.dataset)))
return (tuple(Tensor(array) for array in self.dataset[indices]) for indices in self.ordering)
