// block: ndarray_backend_cuda.cu:ViewPosition
// error: takes strides for unsigned numbers, which backwards ones are not
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (int i = shape.size - 1; i >= 0; i--) {
    uint32_t stride = strides.data[i];
    position += index % shape.data[i] * stride;
    index /= shape.data[i];
}
