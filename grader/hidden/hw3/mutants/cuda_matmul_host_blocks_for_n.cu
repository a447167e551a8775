// block: ndarray_backend_cuda.cu:Matmul
// error: counts the blocks across from N
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
uint32_t W = 16 * TILE;
MatmulKernel<<<((M + W - 1) / W) * ((N + W - 1) / W), dim3(16, 16)>>>(a.ptr, b.ptr, out->ptr, M, N, P);
