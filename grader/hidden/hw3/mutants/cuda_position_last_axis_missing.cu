// block: ndarray_backend_cuda.cu:ViewPosition
// error: begins the loop one axis too far in front
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (int i = static_cast<int>(shape.size) - 2; i >= 0; i--) {
    position += static_cast<int64_t>(index % shape.data[i]) * strides.data[i];
    index /= shape.data[i];
}
