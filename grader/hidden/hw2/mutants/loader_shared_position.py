# block: needle.data.data_basic:DataLoader.__iter__
# error: keeps one position in the loader for all passes
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
self.minibatches = self.split(np.random.permutation(len(self.dataset))) if self.shuffle else self.ordering
self.position = 0

def minibatches():
    while self.position < len(self.minibatches):
        indices = self.minibatches[self.position]
        self.position += 1
        yield tuple(Tensor(array) for array in self.dataset[indices])

return minibatches()
