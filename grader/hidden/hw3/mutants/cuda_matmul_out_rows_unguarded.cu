// block: ndarray_backend_cuda.cu:MatmulKernel
// error: writes behind the last row
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
const uint32_t S = 16, W = S * TILE;
__shared__ float as[W][S], bs[S][W];
uint32_t x = threadIdx.x, y = threadIdx.y, across = (P + W - 1) / W;
uint32_t row = blockIdx.x / across * W + y, col = blockIdx.x % across * W + x;
float c[TILE][TILE] = {};
for (uint32_t k0 = 0; k0 < N; k0 += S) {
    for (uint32_t t = 0; t < TILE; t++) {
        uint32_t r = row + t * S, q = col + t * S;
        as[y + t * S][x] = r < M && k0 + x < N ? a[size_t(r) * N + k0 + x] : 0;
        bs[y][x + t * S] = k0 + y < N && q < P ? b[size_t(k0 + y) * P + q] : 0;
    }
    __syncthreads();
    for (uint32_t k = 0; k < S; k++)
        for (uint32_t i = 0; i < TILE; i++)
            for (uint32_t j = 0; j < TILE; j++) c[i][j] += as[y + i * S][k] * bs[k][x + j * S];
    __syncthreads();
}
for (uint32_t i = 0; i < TILE; i++)
    for (uint32_t j = 0; j < TILE; j++) {
        uint32_t r = row + i * S, q = col + j * S;
        if (q < P) out[size_t(r) * P + q] = c[i][j];
    }
