// block: hw0/src/simple_ml_ext.cpp:softmax_regression_epoch_cpp
// error: sums the exponentials in an int
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
std::vector<float> grad(n * k), p(k);
for (size_t start = 0; start < m; start += batch) {
    size_t end = std::min(m, start + batch);
    std::fill(grad.begin(), grad.end(), 0.0f);
    for (size_t i = start; i < end; i++) {
        float top = -INFINITY;
        int sum = 0;
        for (size_t c = 0; c < k; c++) {
            p[c] = 0;
            for (size_t j = 0; j < n; j++) p[c] += X[i * n + j] * theta[j * k + c];
            top = std::max(top, p[c]);
        }
        for (size_t c = 0; c < k; c++) {
            p[c] = std::exp(p[c] - top);
            sum += p[c];
        }
        for (size_t c = 0; c < k; c++) {
            float g = p[c] / sum - (y[i] == c);
            for (size_t j = 0; j < n; j++) grad[j * k + c] += X[i * n + j] * g;
        }
    }
    for (size_t e = 0; e < n * k; e++) theta[e] -= lr / (end - start) * grad[e];
}
