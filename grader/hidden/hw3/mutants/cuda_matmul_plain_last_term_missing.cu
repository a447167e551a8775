// block: ndarray_backend_cuda.cu:MatmulKernel
// error: leaves out the last term
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
uint32_t W = 16 * TILE, across = (P + W - 1) / W;
uint32_t top = blockIdx.x / across * W + threadIdx.y, left = blockIdx.x % across * W + threadIdx.x;
for (uint32_t r = top; r < M && r < top + W; r += 16)
    for (uint32_t q = left; q < P && q < left + W; q += 16) {
        float sum = 0;
        for (uint32_t k = 0; k + 1 < N; k++) sum += a[size_t(r) * N + k] * b[size_t(k) * P + q];
        out[size_t(r) * P + q] = sum;
    }
