// block: hw3/src/cuda_warmup.cu:TransposeKernel
// error: reads columns without shared memory: coalesced on the other side only
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int x = blockIdx.y * kTile + threadIdx.x, y = blockIdx.x * kTile + threadIdx.y;
if (x < rows && y < columns) out[y * rows + x] = a[x * columns + y];
