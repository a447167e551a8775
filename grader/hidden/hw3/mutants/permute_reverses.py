# block: needle.backend_ndarray.ndarray:NDArray.permute
# error: reverses the axes, whatever is asked for
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
return self.as_strided(self.shape[::-1], self.strides[::-1])
