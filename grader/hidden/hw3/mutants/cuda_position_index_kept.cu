// block: ndarray_backend_cuda.cu:ViewPosition
// error: takes every axis's index from the whole number, without dividing
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (int i = shape.size - 1; i >= 0; i--) {
    position += static_cast<int64_t>(index % shape.data[i]) * strides.data[i];
}
