# block: needle.backend_ndarray.functions_images:flip
# error: changes the array itself and returns it
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
backwards, from_there = list(a.strides), a._offset
for axis in axes:
    backwards[axis] = -a.strides[axis]
    from_there += a.strides[axis] * max(a.shape[axis] - 1, 0)
a._strides, a._offset = tuple(backwards), from_there
return a
