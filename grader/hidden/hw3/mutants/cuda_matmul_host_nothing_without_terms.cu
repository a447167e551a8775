// block: ndarray_backend_cuda.cu:Matmul
// error: returns without writing zeros where N is 0
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
if (a.size == 0 || b.size == 0) return;
uint32_t W = 16 * TILE;
MatmulKernel<<<((M + W - 1) / W) * ((P + W - 1) / W), dim3(16, 16)>>>(a.ptr, b.ptr, out->ptr, M, N, P);
