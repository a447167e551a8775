// block: hw3/src/cuda_warmup.cu:TransposeKernel
// error: writes columns without shared memory: coalesced on one side only
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int x = blockIdx.x * kTile + threadIdx.x, y = blockIdx.y * kTile + threadIdx.y;
if (x < columns && y < rows) out[x * rows + y] = a[y * columns + x];
