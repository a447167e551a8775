// block: ndarray_backend_cpu.cc:ScalarSetitem
// error: goes along the first axis only
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (int32_t i = 0; i < shape[0]; i++) out->ptr[static_cast<ptrdiff_t>(offset) + static_cast<ptrdiff_t>(i) * strides[0]] = val;
