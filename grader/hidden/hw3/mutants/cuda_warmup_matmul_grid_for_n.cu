// block: hw3/src/cuda_warmup.cu:MatmulTiled
// error: launches as many blocks down as N needs
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
dim3 grid(GroupsFor(P, kTile), GroupsFor(N, kTile)), block(kTile, kTile);
MatmulTiledKernel<<<grid, block>>>(a, b, out, M, N, P);
