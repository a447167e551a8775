# block: needle.backend_ndarray.functions_images:flip
# error: flips all axes, whatever is asked for
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
backwards, from_there = list(a.strides), a._offset
for axis in range(a.ndim):
    backwards[axis] = -a.strides[axis]
    from_there += a.strides[axis] * max(a.shape[axis] - 1, 0)
return NDArray.make(a.shape, backwards, a.device, a._handle, from_there)
