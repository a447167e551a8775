// block: hw3/src/cuda_warmup.cu:RowSumKernel
// error: halves blockDim.x, whatever it is
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ float s[kMostThreads];
int t = threadIdx.x, r = blockIdx.x;
float mine = 0;
for (int c = t; c < columns; c += blockDim.x) mine += a[r * columns + c];
s[t] = mine;
__syncthreads();
for (int half = blockDim.x / 2; half > 0; half /= 2) {
    if (t < half) s[t] += s[t + half];
    __syncthreads();
}
if (t == 0) out[r] = s[0];
