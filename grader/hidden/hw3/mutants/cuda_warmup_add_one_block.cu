// block: hw3/src/cuda_warmup.cu:VectorAdd
// error: launches one block
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
VectorAddKernel<<<1, kThreads>>>(a, b, out, n);
