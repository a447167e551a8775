// block: ndarray_backend_cuda.cu:EwiseSetitem
// error: takes the size of the memory for that of the view
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
CudaDims dim = CudaOneDim(out->size);
EwiseSetitemKernel<<<dim.grid, dim.block>>>(a.ptr, out->ptr, out->size, VecToCuda(shape), VecToCuda(strides), offset);
