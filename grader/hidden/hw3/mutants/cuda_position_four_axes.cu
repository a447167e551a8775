// block: ndarray_backend_cuda.cu:ViewPosition
// error: looks at the last four axes only
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (int i = shape.size - 1; i >= 0 && i >= static_cast<int>(shape.size) - 4; i--) {
    position += static_cast<int64_t>(index % shape.data[i]) * strides.data[i];
    index /= shape.data[i];
}
