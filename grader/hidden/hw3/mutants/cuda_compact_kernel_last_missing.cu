// block: ndarray_backend_cuda.cu:CompactKernel
// error: leaves out the last element
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid + 1 < size) out[gid] = a[ViewPosition(gid, shape, strides, offset)];
