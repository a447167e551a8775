// block: hw3/src/cuda_warmup.cu:VectorAddKernel
// error: collects the sum in out, which is stored twice
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int i = blockIdx.x * blockDim.x + threadIdx.x;
if (i < n) {
    out[i] = a[i];
    out[i] += b[i];
}
