// block: ndarray_backend_cuda.cu:ViewPosition
// error: divides by the view's strides as if they were those of a compact array
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (uint32_t i = 0; i < shape.size; i++) {
    int64_t stride = strides.data[i] == 0 ? 1 : abs(strides.data[i]);
    position += static_cast<int64_t>(index) / stride % shape.data[i] * strides.data[i];
}
