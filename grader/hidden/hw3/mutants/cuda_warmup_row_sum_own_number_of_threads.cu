// block: hw3/src/cuda_warmup.cu:RowSum
// error: launches blocks of another size than it is asked for
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
RowSumKernel<<<rows, kThreads>>>(a, out, columns);
