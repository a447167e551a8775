// block: hw3/src/cuda_warmup.cu:WindowSumKernel
// error: loads every number five times from global memory
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int i = blockIdx.x * blockDim.x + threadIdx.x;
if (i < n) {
    float s = 0;
    for (int k = 0; k < kWindow; k++) s += a[i + k];
    out[i] = s;
}
