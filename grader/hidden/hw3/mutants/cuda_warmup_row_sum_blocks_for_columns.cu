// block: hw3/src/cuda_warmup.cu:RowSum
// error: launches a block for each column
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
RowSumKernel<<<columns, threads>>>(a, out, rows);
