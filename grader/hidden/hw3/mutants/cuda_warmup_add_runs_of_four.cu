// block: hw3/src/cuda_warmup.cu:VectorAddKernel
// error: gives each thread four neighbours, so that threads of a warp are four apart
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int t = blockIdx.x * blockDim.x + threadIdx.x;
for (int i = 4 * t; i < 4 * t + 4; i++)
    if (i < n) out[i] = a[i] + b[i];
