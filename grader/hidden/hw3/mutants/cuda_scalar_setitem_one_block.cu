// block: ndarray_backend_cuda.cu:ScalarSetitem
// error: launches one block
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
ScalarSetitemKernel<<<1, BASE_THREAD_NUM>>>(size, val, out->ptr, VecToCuda(shape), VecToCuda(strides), offset);
