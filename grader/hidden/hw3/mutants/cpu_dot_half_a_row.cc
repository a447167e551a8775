// block: ndarray_backend_cpu.cc:AlignedDot
// error: fills the first four columns, as many as a vector holds
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < TILE; i++)
    for (size_t k = 0; k < TILE; k++)
        for (size_t j = 0; j < 4; j++) out[i * TILE + j] += a[i * TILE + k] * b[k * TILE + j];
