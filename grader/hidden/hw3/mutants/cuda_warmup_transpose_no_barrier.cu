// block: hw3/src/cuda_warmup.cu:TransposeKernel
// error: writes what other threads may not have loaded yet
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ float t[kTile][kTile + 1];
int x = blockIdx.x * kTile + threadIdx.x, y = blockIdx.y * kTile + threadIdx.y;
if (x < columns && y < rows) t[threadIdx.y][threadIdx.x] = a[y * columns + x];
x = blockIdx.y * kTile + threadIdx.x;
y = blockIdx.x * kTile + threadIdx.y;
if (x < rows && y < columns) out[y * rows + x] = t[threadIdx.x][threadIdx.y];
