// block: ndarray_backend_cuda.cu:EwiseSetitemKernel
// error: writes in order and reads at the view's places
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) out[gid] = a[ViewPosition(gid, shape, strides, offset) % size];
