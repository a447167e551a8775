// block: ndarray_backend_cpu.cc:EwiseSetitem
// error: sets everything outside of the view to 0
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std::fill_n(out->ptr, out->size, 0.0f);
std::vector<int32_t> index(shape.size(), 0);
for (size_t i = 0; i < a.size; i++) {
    ptrdiff_t at = static_cast<ptrdiff_t>(offset);
    for (size_t d = 0; d < shape.size(); d++) at += static_cast<ptrdiff_t>(index[d]) * strides[d];
    out->ptr[at] = a.ptr[i];
    for (size_t d = shape.size(); d-- > 0;) {
        if (++index[d] < shape[d]) break;
        index[d] = 0;
    }
}
