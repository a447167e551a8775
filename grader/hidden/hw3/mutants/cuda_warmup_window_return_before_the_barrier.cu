// block: hw3/src/cuda_warmup.cu:WindowSumKernel
// error: leaves threads without an element behind before they load
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ float s[kThreads + kWindow - 1];
int t = threadIdx.x, i = blockIdx.x * blockDim.x + t;
if (i >= n) return;
if (i < n + kWindow - 1) s[t] = a[i];
if (t < kWindow - 1 && i + kThreads < n + kWindow - 1) s[t + kThreads] = a[i + kThreads];
__syncthreads();
if (i < n) {
    float sum = 0;
    for (int k = 0; k < kWindow; k++) sum += s[t + k];
    out[i] = sum;
}
