// block: ndarray_backend_cpu.cc:MatmulTiled
// error: leaves out the last tile of the sums
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
const size_t rows = m / TILE, inner = n / TILE, columns = p / TILE, t = TILE * TILE;
std::fill_n(out->ptr, out->size, 0.0f);
for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
        for (size_t k = 0; k < (inner > 1 ? inner - 1 : inner); k++) {
            AlignedDot(a.ptr + (i * inner + k) * t, b.ptr + (k * columns + j) * t, out->ptr + (i * columns + j) * t);
        }
