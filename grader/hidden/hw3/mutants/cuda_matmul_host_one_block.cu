// block: ndarray_backend_cuda.cu:Matmul
// error: launches one block
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
MatmulKernel<<<1, dim3(16, 16)>>>(a.ptr, b.ptr, out->ptr, M, N, P);
