// block: hw3/src/cuda_warmup.cu:VectorAddKernel
// error: guards with <=
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int i = blockIdx.x * blockDim.x + threadIdx.x;
if (i <= n) out[i] = a[i] + b[i];
