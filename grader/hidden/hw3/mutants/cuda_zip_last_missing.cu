// block: ndarray_backend_cuda.cu:ZipKernel
// error: leaves out the last element
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size - 1) out[gid] = function(a[gid], b[gid]);
