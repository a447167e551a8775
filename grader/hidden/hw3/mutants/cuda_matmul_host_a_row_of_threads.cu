// block: ndarray_backend_cuda.cu:Matmul
// error: launches blocks of 256 threads in x
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
uint32_t W = 16 * TILE;
MatmulKernel<<<((M + W - 1) / W) * ((P + W - 1) / W), BASE_THREAD_NUM>>>(a.ptr, b.ptr, out->ptr, M, N, P);
