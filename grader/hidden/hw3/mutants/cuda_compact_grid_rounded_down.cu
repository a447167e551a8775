// block: ndarray_backend_cuda.cu:Compact
// error: rounds the number of blocks down
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
size_t blocks = out->size / BASE_THREAD_NUM;
if (blocks == 0) blocks = 1;
CompactKernel<<<blocks, BASE_THREAD_NUM>>>(a.ptr, out->ptr, out->size, VecToCuda(shape), VecToCuda(strides), offset);
