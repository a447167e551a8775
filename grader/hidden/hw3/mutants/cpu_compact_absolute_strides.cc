// block: ndarray_backend_cpu.cc:Compact
// error: drops the sign of the strides
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std::vector<int32_t> index(shape.size(), 0);
for (size_t i = 0; i < out->size; i++) {
    size_t at = offset;
    for (size_t d = 0; d < shape.size(); d++) at += index[d] * std::abs(static_cast<long>(strides[d]));
    out->ptr[i] = a.ptr[at % a.size];
    for (size_t d = shape.size(); d-- > 0;) {
        if (++index[d] < shape[d]) break;
        index[d] = 0;
    }
}
