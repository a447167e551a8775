// block: hw3/src/cuda_warmup.cu:MatmulTiledKernel
// error: takes threadIdx.x for the row: threads of a warp load a column
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
__shared__ float as[kTile][kTile + 1], bs[kTile][kTile + 1];
int tx = threadIdx.x, ty = threadIdx.y;
int r = blockIdx.y * kTile + tx, c = blockIdx.x * kTile + ty;
float s = 0;
for (int k0 = 0; k0 < N; k0 += kTile) {
    as[tx][ty] = r < M && k0 + ty < N ? a[r * N + k0 + ty] : 0;
    bs[tx][ty] = k0 + tx < N && c < P ? b[(k0 + tx) * P + c] : 0;
    __syncthreads();
    for (int k = 0; k < kTile; k++) s += as[tx][k] * bs[k][ty];
    __syncthreads();
}
if (r < M && c < P) out[r * P + c] = s;
