// block: ndarray_backend_cpu.cc:AlignedDot
// error: leaves out the last term of each sum
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
for (size_t i = 0; i < TILE; i++)
    for (size_t k = 0; k < TILE - 1; k++)
        for (size_t j = 0; j < TILE; j++) out[i * TILE + j] += a[i * TILE + k] * b[k * TILE + j];
