# block: needle.data.data_basic:DataLoader.__iter__
# error: has nothing left for a second pass
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not hasattr(self, "_rest"):
    minibatches = self.split(np.random.permutation(len(self.dataset))) if self.shuffle else self.ordering
    self._rest = (tuple(Tensor(array) for array in self.dataset[indices]) for indices in minibatches)
return self._rest
