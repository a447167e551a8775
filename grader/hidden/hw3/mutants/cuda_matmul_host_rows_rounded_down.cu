// block: ndarray_backend_cuda.cu:Matmul
// error: rounds the number of blocks of rows down
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if (out->size == 0) return;
uint32_t W = 16 * TILE, down = M < W ? 1 : M / W;
MatmulKernel<<<down * ((P + W - 1) / W), dim3(16, 16)>>>(a.ptr, b.ptr, out->ptr, M, N, P);
