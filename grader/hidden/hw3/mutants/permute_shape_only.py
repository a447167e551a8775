# block: needle.backend_ndarray.ndarray:NDArray.permute
# error: permutes the shape and leaves the strides
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.as_strided([self.shape[i] for i in new_axes], self.strides)
