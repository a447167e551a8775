# block: needle.data.data_basic:DataLoader.__iter__
# error: draws an order for each array, so that labels leave their images
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not self.shuffle:
    return (tuple(Tensor(array) for array in self.dataset[indices]) for indices in self.ordering)
arrays = [array[np.random.permutation(len(self.dataset))] for array in self.dataset[np.arange(len(self.dataset))]]
minibatches = self.split(np.arange(len(self.dataset)))
return (tuple(Tensor(array[indices]) for array in arrays) for indices in minibatches)
