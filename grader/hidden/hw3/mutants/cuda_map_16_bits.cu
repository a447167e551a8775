// block: ndarray_backend_cuda.cu:MapKernel
// error: keeps the thread's number in 16 bits
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
unsigned short gid = blockIdx.x * blockDim.x + threadIdx.x;
if (gid < size) out[gid] = function(a[gid]);
