// block: ndarray_backend_cuda.cu:EwiseSetitem
// error: rounds the number of blocks down
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t blocks = a.size < BASE_THREAD_NUM ? 1 : a.size / BASE_THREAD_NUM;
EwiseSetitemKernel<<<blocks, BASE_THREAD_NUM>>>(a.ptr, out->ptr, a.size, VecToCuda(shape), VecToCuda(strides), offset);
