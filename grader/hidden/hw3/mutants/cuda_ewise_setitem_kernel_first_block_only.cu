// block: ndarray_backend_cuda.cu:EwiseSetitemKernel
// error: takes threadIdx for the number of a thread among all
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t gid = threadIdx.x;
if (gid < size) out[ViewPosition(gid, shape, strides, offset)] = a[gid];
