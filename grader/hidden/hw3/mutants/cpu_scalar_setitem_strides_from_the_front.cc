// block: ndarray_backend_cpu.cc:ScalarSetitem
// error: goes through the strides from the last to the first, and through the shape from the first
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std::vector<int32_t> index(shape.size(), 0);
for (size_t i = 0; i < size; i++) {
    ptrdiff_t at = static_cast<ptrdiff_t>(offset);
    for (size_t d = 0; d < shape.size(); d++) at += static_cast<ptrdiff_t>(index[d]) * strides[strides.size() - 1 - d];
    out->ptr[at] = val;
    for (size_t d = shape.size(); d-- > 0;) {
        if (++index[d] < shape[d]) break;
        index[d] = 0;
    }
}
