# block: needle.data.data_basic:DataLoader.__iter__
# error: shuffles the examples of each minibatch among themselves
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
minibatches = self.split(np.arange(len(self.dataset)))
if self.shuffle:
    minibatches = [np.random.permutation(indices) for indices in minibatches]
return (tuple(Tensor(array) for array in self.dataset[indices]) for indices in minibatches)
