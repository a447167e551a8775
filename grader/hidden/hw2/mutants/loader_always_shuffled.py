# block: needle.data.data_basic:DataLoader.__iter__
# error: shuffles whether it is to or not
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
minibatches = self.split(np.random.permutation(len(self.dataset)))
return (tuple(Tensor(array) for array in self.dataset[indices]) for indices in minibatches)
