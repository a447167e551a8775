# block: needle.data.data_basic:DataLoader.__iter__
# error: draws an order even where none is wanted
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
order = np.random.permutation(len(self.dataset))
minibatches = self.split(order) if self.shuffle else self.ordering
return (tuple(Tensor(array) for array in self.dataset[indices]) for indices in minibatches)
