// block: ndarray_backend_cuda.cu:ViewPosition
// error: begins at 0, not at the offset
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
position = 0;
for (int i = shape.size - 1; i >= 0; i--) {
    position += static_cast<int64_t>(index % shape.data[i]) * strides.data[i];
    index /= shape.data[i];
}
