# block: needle.backend_ndarray.functions_images:flip
# error: takes the strides that a compact array would have
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
own = NDArray.compact_strides(a.shape)
backwards, from_there = list(own), a._offset
for axis in axes:
    backwards[axis] = -own[axis]
    from_there += own[axis] * max(a.shape[axis] - 1, 0)
return NDArray.make(a.shape, backwards, a.device, a._handle, from_there)
