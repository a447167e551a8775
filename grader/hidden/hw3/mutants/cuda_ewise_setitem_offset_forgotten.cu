// block: ndarray_backend_cuda.cu:EwiseSetitem
// error: passes 0 for the offset
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
CudaDims dim = CudaOneDim(a.size);
EwiseSetitemKernel<<<dim.grid, dim.block>>>(a.ptr, out->ptr, a.size, VecToCuda(shape), VecToCuda(strides), 0);
