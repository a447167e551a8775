// block: ndarray_backend_cuda.cu:Compact
// error: passes the offset in bytes
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
CudaDims dim = CudaOneDim(out->size);
CompactKernel<<<dim.grid, dim.block>>>(a.ptr, out->ptr, out->size, VecToCuda(shape), VecToCuda(strides),
                                       offset * ELEM_SIZE);
