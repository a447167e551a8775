// block: ndarray_backend_cuda.cu:Matmul
// error: divides the number of elements of out by those of a block
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
uint32_t W = 16 * TILE;
MatmulKernel<<<(M * P + W * W - 1) / (W * W), dim3(16, 16)>>>(a.ptr, b.ptr, out->ptr, M, N, P);
