// block: ndarray_backend_cpu.cc:MatmulTiled
// error: takes the matrices for ones that lie row by row
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Matmul(a, b, out, m, n, p);
