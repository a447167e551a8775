// The kernels of the warm-up: what `cuda_warmup.cu` defines and `cuda_warmup_bindings.cc` offers to Python.

#pragma once

#include "ndarray_backend_cuda.cuh"  // needle::NotImplementedOnDevice, and CUDA's own names

constexpr int kThreads = 256;       // threads in a block of VectorAdd and WindowSum
constexpr int kMostThreads = 1024;  // and in any block of any kernel at most
constexpr int kWindow = 5;          // numbers in a window
constexpr int kTile = 32;           // rows and columns of a tile, and of a block of threads that works on one

/// How many groups of `size` it takes for `count` elements: 1000 elements in groups of 256 are 4 groups.
constexpr int GroupsFor(int count, int size) { return (count + size - 1) / size; }

// Checked before they are called: every size is at least 1, and an array has at most 2^30 elements, a matrix at most
// 2^20 rows and as many columns, so that int counts them all. Pointers are to the GPU's memory, and `out` overlaps
// neither `a` nor `b`. Whether a launch was accepted is checked after each.

/// out[i] = a[i] + b[i], of n elements each.
void VectorAdd(const float* a, const float* b, float* out, int n);

/// out[i] = a[i] + a[i + 1] + ... + a[i + kWindow - 1]. `out` has n elements, `a` has n + kWindow - 1.
void WindowSum(const float* a, float* out, int n);

void WindowSumNaive(const float* a, float* out, int n);

/// out[i] = the sum of row i of a (rows, columns), by blocks of `threads` threads, 1 to kMostThreads.
void RowSum(const float* a, float* out, int rows, int columns, int threads);

/// out (columns, rows) = a (rows, columns), transposed.
void Transpose(const float* a, float* out, int rows, int columns);
void TransposeNaive(const float* a, float* out, int rows, int columns);

/// out (M, P) = a (M, N) @ b (N, P)
void MatmulTiled(const float* a, const float* b, float* out, int M, int N, int P);
