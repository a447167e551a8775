# block: needle.data.data_basic:DataLoader.__iter__
# error: draws each example by itself, some twice and others never
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
n = len(self.dataset)
minibatches = self.split(np.random.randint(n, size=n)) if self.shuffle else self.ordering
return (tuple(Tensor(array) for array in self.dataset[indices]) for indices in minibatches)
