// block: hw3/src/cuda_warmup.cu:RowSumKernel
// error: adds neighbours, by threads that stand side by side: their places are far apart
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ float s[kMostThreads];
int t = threadIdx.x, r = blockIdx.x;
float mine = 0;
for (int c = t; c < columns; c += blockDim.x) mine += a[r * columns + c];
s[t] = mine;
__syncthreads();
for (int step = 1; step < blockDim.x; step *= 2) {
    int at = 2 * step * t;
    if (at + step < blockDim.x) s[at] += s[at + step];
    __syncthreads();
}
if (t == 0) out[r] = s[0];
