// block: ndarray_backend_cuda.cu:Compact
// error: launches one block
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
CompactKernel<<<1, BASE_THREAD_NUM>>>(a.ptr, out->ptr, out->size, VecToCuda(shape), VecToCuda(strides), offset);
