# block: needle.data.data_basic:DataLoader.__iter__
# error: draws the order at the first pass and keeps it
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if not hasattr(self, "ordering"):
    self.ordering = self.split(np.random.permutation(len(self.dataset)))
return (tuple(Tensor(array) for array in self.dataset[indices]) for indices in self.ordering)
