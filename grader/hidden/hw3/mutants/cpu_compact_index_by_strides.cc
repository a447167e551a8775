// block: ndarray_backend_cpu.cc:Compact
// error: divides by the strides of the view to find an element's index, as if they were a new array's
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < out->size; i++) {
    ptrdiff_t at = offset;
    size_t rest = i;
    for (size_t d = 0; d < shape.size(); d++) {
        size_t step = strides[d] > 0 ? strides[d] : 1;
        at += static_cast<ptrdiff_t>(rest / step % shape[d]) * strides[d];
        rest %= step;
    }
    out->ptr[i] = a.ptr[at];
}
