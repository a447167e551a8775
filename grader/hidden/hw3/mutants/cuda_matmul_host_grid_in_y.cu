// block: ndarray_backend_cuda.cu:Matmul
// error: counts blocks of rows in y, which the kernel does not look at
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
uint32_t W = 16 * TILE;
MatmulKernel<<<dim3((P + W - 1) / W, (M + W - 1) / W), dim3(16, 16)>>>(a.ptr, b.ptr, out->ptr, M, N, P);
