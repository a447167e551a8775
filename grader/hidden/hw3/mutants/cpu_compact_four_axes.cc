// block: ndarray_backend_cpu.cc:Compact
// error: has loops for four axes only
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
while (shape.size() < 4) {
    shape.insert(shape.begin(), 1);
    strides.insert(strides.begin(), 0);
}
size_t count = 0;
for (int32_t i = 0; i < shape[0]; i++)
    for (int32_t j = 0; j < shape[1]; j++)
        for (int32_t k = 0; k < shape[2]; k++)
            for (int32_t l = 0; l < shape[3]; l++)
                out->ptr[count++] = a.ptr[static_cast<ptrdiff_t>(offset) + i * strides[0] + j * strides[1] + k * strides[2] + l * strides[3]];
