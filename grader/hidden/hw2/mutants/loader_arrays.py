# block: needle.data.data_basic:DataLoader.__iter__
# error: yields arrays instead of tensors
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
minibatches = self.split(np.random.permutation(len(self.dataset))) if self.shuffle else self.ordering
return (tuple(self.dataset[indices]) for indices in minibatches)
