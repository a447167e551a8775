// block: hw3/src/cuda_warmup.cu:RowSumKernel
// error: begins the tree before all shares are there
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ float s[kMostThreads];
int t = threadIdx.x, r = blockIdx.x;
float mine = 0;
for (int c = t; c < columns; c += blockDim.x) mine += a[r * columns + c];
s[t] = mine;
for (int size = blockDim.x; size > 1;) {
    int half = (size + 1) / 2;
    if (t + half < size) s[t] += s[t + half];
    __syncthreads();
    size = half;
}
if (t == 0) out[r] = s[0];
