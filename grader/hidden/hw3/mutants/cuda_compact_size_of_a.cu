// block: ndarray_backend_cuda.cu:Compact
// error: takes the size of the memory for that of the view
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
CudaDims dim = CudaOneDim(a.size);
CompactKernel<<<dim.grid, dim.block>>>(a.ptr, out->ptr, a.size, VecToCuda(shape), VecToCuda(strides), offset);
