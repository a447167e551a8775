// block: ndarray_backend_cuda.cu:ScalarSetitemKernel
// error: takes the value for a whole number
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
int value = val;
if (gid < size) out[ViewPosition(gid, shape, strides, offset)] = value;
