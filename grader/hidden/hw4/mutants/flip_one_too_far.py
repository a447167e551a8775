# block: needle.backend_ndarray.functions_images:flip
# error: begins one element behind the last
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
backwards, from_there = list(a.strides), a._offset
for axis in axes:
    backwards[axis] = -a.strides[axis]
    from_there += a.strides[axis] * a.shape[axis]
return NDArray.make(a.shape, backwards, a.device, a._handle, from_there)
