// block: hw3/src/cuda_warmup.cu:MatmulTiledKernel
// error: loads both numbers of every product from global memory
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int r = blockIdx.y * kTile + threadIdx.y, c = blockIdx.x * kTile + threadIdx.x;
if (r < M && c < P) {
    float s = 0;
    for (int k = 0; k < N; k++) s += a[r * N + k] * b[k * P + c];
    out[r * P + c] = s;
}
