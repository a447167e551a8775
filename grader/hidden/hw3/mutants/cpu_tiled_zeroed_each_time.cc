// block: ndarray_backend_cpu.cc:MatmulTiled
// error: sets a tile to 0 before each product, so that the last one is left
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
const size_t rows = m / TILE, inner = n / TILE, columns = p / TILE, t = TILE * TILE;
for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
        for (size_t k = 0; k < inner; k++) {
            std::fill_n(out->ptr + (i * columns + j) * t, t, 0.0f);
            AlignedDot(a.ptr + (i * inner + k) * t, b.ptr + (k * columns + j) * t, out->ptr + (i * columns + j) * t);
        }
