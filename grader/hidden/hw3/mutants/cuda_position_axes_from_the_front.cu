// block: ndarray_backend_cuda.cu:ViewPosition
// error: counts the axes from the front, so that the first index is the fastest
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (uint32_t i = 0; i < shape.size; i++) {
    position += static_cast<int64_t>(index % shape.data[i]) * strides.data[i];
    index /= shape.data[i];
}
