// block: ndarray_backend_cpu.cc:Compact
// error: takes the offset for a number of bytes
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std::vector<int32_t> index(shape.size(), 0);
for (size_t i = 0; i < out->size; i++) {
    ptrdiff_t at = static_cast<ptrdiff_t>(offset / ELEM_SIZE);
    for (size_t d = 0; d < shape.size(); d++) at += static_cast<ptrdiff_t>(index[d]) * strides[d];
    out->ptr[i] = a.ptr[at < 0 ? 0 : at];
    for (size_t d = shape.size(); d-- > 0;) {
        if (++index[d] < shape[d]) break;
        index[d] = 0;
    }
}
