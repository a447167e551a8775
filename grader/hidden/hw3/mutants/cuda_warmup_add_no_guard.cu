// block: hw3/src/cuda_warmup.cu:VectorAddKernel
// error: lets threads without an element write
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int i = blockIdx.x * blockDim.x + threadIdx.x;
out[i] = a[i] + b[i];
