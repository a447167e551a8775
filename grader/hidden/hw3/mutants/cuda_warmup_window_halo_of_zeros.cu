// block: hw3/src/cuda_warmup.cu:WindowSumKernel
// error: takes what lies behind a block for 0
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ float s[kThreads + kWindow - 1];
int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
if (i < n + kWindow - 1) s[t] = a[i];
if (t < kWindow - 1) s[t + kThreads] = 0;
__syncthreads();
if (i < n) {
    float sum = 0;
    for (int k = 0; k < kWindow; k++) sum += s[t + k];
    out[i] = sum;
}
