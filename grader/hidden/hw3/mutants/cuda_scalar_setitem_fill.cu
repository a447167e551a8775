// block: ndarray_backend_cuda.cu:ScalarSetitem
// error: sets all of the memory, not the view alone
// needle-course-canary-6f1b0c52-hidden-material-do-not-distribute
Fill(out, val);
