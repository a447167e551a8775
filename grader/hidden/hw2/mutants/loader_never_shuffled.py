# block: needle.data.data_basic:DataLoader.__iter__
# error: goes through the data in order even where it is to shuffle
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
minibatches = self.split(np.arange(len(self.dataset)))
return (tuple(Tensor(array) for array in self.dataset[indices]) for indices in minibatches)
