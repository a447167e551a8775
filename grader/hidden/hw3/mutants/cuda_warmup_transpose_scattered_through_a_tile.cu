// block: hw3/src/cuda_warmup.cu:TransposeKernel
// error: has a tile, and writes columns all the same
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ float t[kTile][kTile + 1];
int x = blockIdx.x * kTile + threadIdx.x, y = blockIdx.y * kTile + threadIdx.y;
if (x < columns && y < rows) t[threadIdx.y][threadIdx.x] = a[y * columns + x];
__syncthreads();
if (x < columns && y < rows) out[x * rows + y] = t[threadIdx.y][threadIdx.x];
