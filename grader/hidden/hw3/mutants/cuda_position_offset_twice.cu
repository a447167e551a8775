// block: ndarray_backend_cuda.cu:ViewPosition
// error: adds the offset, which is there already
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (int i = shape.size - 1; i >= 0; i--) {
    position += static_cast<int64_t>(index % shape.data[i]) * strides.data[i];
    index /= shape.data[i];
}
position += offset;
