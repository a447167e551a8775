// block: ndarray_backend_cpu.cc:EwiseLog
// error: keeps its input away from 0
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < a.size; i++) out->ptr[i] = std::log(std::max(a.ptr[i], 1e-12f));
