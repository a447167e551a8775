// block: ndarray_backend_cpu.cc:MatmulTiled
// error: sets as many bytes to 0 as out has elements
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
const size_t rows = m / TILE, inner = n / TILE, columns = p / TILE, t = TILE * TILE;
std::fill_n(reinterpret_cast<char*>(out->ptr), out->size, 0);
for (size_t i = 0; i < rows; i++)
    for (size_t j = 0; j < columns; j++)
        for (size_t k = 0; k < inner; k++) {
            AlignedDot(a.ptr + (i * inner + k) * t, b.ptr + (k * columns + j) * t, out->ptr + (i * columns + j) * t);
        }
