// block: ndarray_backend_cuda.cu:MapKernel
// error: does not compare the thread's number with the size
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
out[gid] = function(a[gid]);
