# block: needle.backend_ndarray.functions_images:flip
# error: begins at the last element without its stride
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
backwards, from_there = list(a.strides), a._offset
for axis in axes:
    backwards[axis] = -a.strides[axis]
    from_there += max(a.shape[axis] - 1, 0)
return NDArray.make(a.shape, backwards, a.device, a._handle, from_there)
