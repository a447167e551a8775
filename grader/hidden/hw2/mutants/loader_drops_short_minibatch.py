# block: needle.data.data_basic:DataLoader.__iter__
# error: drops a last minibatch with fewer examples
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
minibatches = self.split(np.random.permutation(len(self.dataset))) if self.shuffle else self.ordering
full = [indices for indices in minibatches if len(indices) == self.batch_size]
return (tuple(Tensor(array) for array in self.dataset[indices]) for indices in full)
