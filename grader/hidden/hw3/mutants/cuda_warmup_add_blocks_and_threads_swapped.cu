// block: hw3/src/cuda_warmup.cu:VectorAddKernel
// error: counts threads of all blocks in the wrong order, so that a warp is spread over memory
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int i = threadIdx.x * gridDim.x + blockIdx.x;
if (i < n) out[i] = a[i] + b[i];
