// block: ndarray_backend_cuda.cu:ViewPosition
// error: steps by the sizes of the axes behind, not by the strides
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
int64_t stride = 1;
for (int i = shape.size - 1; i >= 0; i--) {
    position += static_cast<int64_t>(index % shape.data[i]) * stride;
    index /= shape.data[i];
    stride *= shape.data[i];
}
