// block: ndarray_backend_cuda.cu:ScalarSetitemKernel
// error: writes to the first places of the memory
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) out[gid] = val;
