// block: hw3/src/cuda_warmup.cu:RowSumKernel
// error: leaves all work to one thread of the block
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if (threadIdx.x == 0) {
    float sum = 0;
    for (int c = 0; c < columns; c++) sum += a[blockIdx.x * columns + c];
    out[blockIdx.x] = sum;
}
