// block: ndarray_backend_cuda.cu:Compact
// error: launches one block with a thread for each element
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
CompactKernel<<<1, out->size>>>(a.ptr, out->ptr, out->size, VecToCuda(shape), VecToCuda(strides), offset);
