# block: needle.backend_ndarray.ndarray:NDArray.permute
# error: permutes the strides and leaves the shape
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.as_strided(self.shape, [self.strides[i] for i in new_axes])
