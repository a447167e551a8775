# block: needle.data.data_basic:DataLoader.__iter__
# error: expects two arrays
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
minibatches = self.split(np.random.permutation(len(self.dataset))) if self.shuffle else self.ordering
examples = (self.dataset[indices] for indices in minibatches)
return ((Tensor(each[0]), Tensor(each[1])) for each in examples)
