# block: needle.backend_ndarray.ndarray:NDArray.permute
# error: moves axis i to the place new_axes[i]: the inverse permutation
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
order = [new_axes.index(axis) for axis in range(self.ndim)]
return self.as_strided([self.shape[i] for i in order], [self.strides[i] for i in order])
