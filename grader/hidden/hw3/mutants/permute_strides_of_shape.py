# block: needle.backend_ndarray.ndarray:NDArray.permute
# error: permutes the strides that a compact array would have
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
strides = self.compact_strides(self.shape)
return self.as_strided([self.shape[i] for i in new_axes], [strides[i] for i in new_axes])
