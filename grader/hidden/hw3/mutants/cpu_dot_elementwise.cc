// block: ndarray_backend_cpu.cc:AlignedDot
// error: multiplies element by element
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < TILE * TILE; i++) out[i] += a[i] * b[i];
