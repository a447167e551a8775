# block: needle.data.data_basic:DataLoader.__iter__
# error: shuffles the minibatches, not the examples
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
minibatches = self.split(np.arange(len(self.dataset)))
if self.shuffle:
    minibatches = [minibatches[i] for i in np.random.permutation(len(minibatches))]
return (tuple(Tensor(array) for array in self.dataset[indices]) for indices in minibatches)
