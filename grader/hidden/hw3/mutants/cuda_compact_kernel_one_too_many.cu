// block: ndarray_backend_cuda.cu:CompactKernel
// error: lets the thread after the last one write as well
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid <= size) out[gid] = a[ViewPosition(gid, shape, strides, offset)];
