# block: needle.backend_ndarray.ndarray:NDArray.permute
# error: gives the result the strides of a compact array of its shape
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
shape = [self.shape[i] for i in new_axes]
return self.as_strided(shape, self.compact_strides(shape))
