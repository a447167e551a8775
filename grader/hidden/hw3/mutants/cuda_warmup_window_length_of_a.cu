// block: hw3/src/cuda_warmup.cu:WindowSum
// error: takes the length of a for that of out
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
WindowSumKernel<<<GroupsFor(n + kWindow - 1, kThreads), kThreads>>>(a, out, n + kWindow - 1);
