// block: ndarray_backend_cpu.cc:Compact
// error: counts strides as unsigned numbers, so that negative ones become huge
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std::vector<int32_t> index(shape.size(), 0);
for (size_t i = 0; i < out->size; i++) {
    ptrdiff_t at = static_cast<ptrdiff_t>(offset);
    for (size_t d = 0; d < shape.size(); d++) at += static_cast<ptrdiff_t>(index[d]) * static_cast<uint32_t>(strides[d]);
    out->ptr[i] = a.ptr[at];
    for (size_t d = shape.size(); d-- > 0;) {
        if (++index[d] < shape[d]) break;
        index[d] = 0;
    }
}
