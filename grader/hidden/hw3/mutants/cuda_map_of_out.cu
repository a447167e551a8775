// block: ndarray_backend_cuda.cu:MapKernel
// error: computes from what is in out
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = GlobalIndex();
if (gid < size) out[gid] = function(out[gid]);
