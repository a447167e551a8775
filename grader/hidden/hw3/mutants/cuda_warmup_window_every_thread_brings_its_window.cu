// block: hw3/src/cuda_warmup.cu:WindowSumKernel
// error: loads every number five times, though to shared memory
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ float s[kThreads + kWindow - 1];
int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
for (int k = 0; k < kWindow; k++)
    if (i + k < n + kWindow - 1) s[t + k] = a[i + k];
__syncthreads();
if (i < n) {
    float sum = 0;
    for (int k = 0; k < kWindow; k++) sum += s[t + k];
    out[i] = sum;
}
