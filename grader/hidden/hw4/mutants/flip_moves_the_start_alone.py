# block: needle.backend_ndarray.functions_images:flip
# error: moves the offset, and leaves the strides as they are
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
from_there = a._offset
for axis in axes:
    from_there += a.strides[axis] * max(a.shape[axis] - 1, 0)
return NDArray.make(a.shape, a.strides, a.device, a._handle, from_there)
