// block: ndarray_backend_cuda.cu:ScalarSetitemKernel
// error: leaves out the last element
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid + 1 >= size) return;
out[ViewPosition(gid, shape, strides, offset)] = val;
