// block: ndarray_backend_cuda.cu:CompactKernel
// error: writes to the view's places and reads in order
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) out[ViewPosition(gid, shape, strides, offset)] = a[gid];
