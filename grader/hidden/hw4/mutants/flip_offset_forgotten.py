# block: needle.backend_ndarray.functions_images:flip
# error: forgets where the array itself begins
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
backwards, from_there = list(a.strides), 0
for axis in axes:
    backwards[axis] = -a.strides[axis]
    from_there += a.strides[axis] * max(a.shape[axis] - 1, 0)
return NDArray.make(a.shape, backwards, a.device, a._handle, from_there)
