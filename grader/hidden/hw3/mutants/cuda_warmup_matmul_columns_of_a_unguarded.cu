// block: hw3/src/cuda_warmup.cu:MatmulTiledKernel
// error: goes on to the next row of a behind the end of one
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ float as[kTile][kTile], bs[kTile][kTile];
int tx = threadIdx.x, ty = threadIdx.y;
int r = blockIdx.y * kTile + ty, c = blockIdx.x * kTile + tx;
float s = 0;
for (int k0 = 0; k0 < N; k0 += kTile) {
    as[ty][tx] = r < M ? a[r * N + k0 + tx] : 0;
    bs[ty][tx] = c < P ? b[(k0 + ty) * P + c] : 0;
    __syncthreads();
    for (int k = 0; k < kTile; k++) s += as[ty][k] * bs[k][tx];
    __syncthreads();
}
if (r < M && c < P) out[r * P + c] = s;
