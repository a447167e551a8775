// block: ndarray_backend_cuda.cu:ViewPosition
// error: keeps the index in 16 bits
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
unsigned short rest = index;
for (int i = shape.size - 1; i >= 0; i--) {
    position += static_cast<int64_t>(rest % shape.data[i]) * strides.data[i];
    rest /= shape.data[i];
}
