// block: hw3/src/cuda_warmup.cu:Transpose
// error: launches as many blocks in x as the rows need
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
dim3 grid(GroupsFor(rows, kTile), GroupsFor(columns, kTile)), block(kTile, kTile);
TransposeKernel<<<grid, block>>>(a, out, rows, columns);
