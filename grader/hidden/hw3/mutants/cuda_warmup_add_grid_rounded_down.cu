// block: hw3/src/cuda_warmup.cu:VectorAdd
// error: launches no block for the rest
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
VectorAddKernel<<<n < kThreads ? 1 : n / kThreads, kThreads>>>(a, b, out, n);
