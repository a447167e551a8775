# block: needle.backend_ndarray.functions_images:flip
# error: makes strides negative instead of turning their sign
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
backwards, from_there = list(a.strides), a._offset
for axis in axes:
    backwards[axis] = -abs(a.strides[axis])
    from_there += abs(a.strides[axis]) * max(a.shape[axis] - 1, 0)
return NDArray.make(a.shape, backwards, a.device, a._handle, from_there)
