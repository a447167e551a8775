# block: needle.backend_ndarray.functions_images:flip
# error: turns the strides, and leaves the offset where it is
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
backwards = [-stride if axis in axes else stride for axis, stride in enumerate(a.strides)]
return NDArray.make(a.shape, backwards, a.device, a._handle, a._offset)
