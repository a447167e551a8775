// hw3, the warm-up: five small kernels in CUDA. They run with a GPU and without, and without one everything that they
// load and store is counted: values and traffic are graded.
//
// A matrix lies row by row: the element in row i and column j of a (rows, columns) is a[i * columns + j]. Sizes can be
// anything from 1 on. What is asked beside the right values stands above each kernel, as "Traffic".
//
// In short: a *load* is one thread reading one number from global memory. The 32 threads of a *warp* load together, in
// pieces of 32 bytes, the *sectors*: 32 numbers side by side are 4 sectors, which is as few as can be (*coalesced*); 32
// numbers far apart are 32 sectors. Shared memory has 32 *banks*, number k of it lies in bank k % 32, and a bank serves
// one number at a time: threads of a warp that want different numbers of one bank wait for one another (a *conflict*).

#include "cuda_warmup.h"
#include "not_implemented.h"

// ---- given: two simple ways, for examples of kernels and launches, and to compare the traffic with ----

/// out[i] = the sum of the kWindow numbers of `a` from a[i] on, straight from global memory.
__global__ void WindowSumNaiveKernel(const float* a, float* out, int n) {
  const int i = blockIdx.x * kThreads + threadIdx.x;
  if (i >= n) return;
  float window = 0;
  for (int j = i; j < i + kWindow; ++j) window += a[j];
  out[i] = window;
}

void WindowSumNaive(const float* a, float* out, int n) {
  WindowSumNaiveKernel<<<GroupsFor(n, kThreads), kThreads>>>(a, out, n);
}

/// out (columns, rows) = a (rows, columns), transposed, a thread for each element of `a`.
__global__ void TransposeNaiveKernel(const float* a, float* out, int rows, int columns) {
  const int i = blockIdx.y * kTile + threadIdx.y, j = blockIdx.x * kTile + threadIdx.x;
  if (i < rows && j < columns) out[j * rows + i] = a[i * columns + j];
}

void TransposeNaive(const float* a, float* out, int rows, int columns) {
  const dim3 block(kTile, kTile), grid(GroupsFor(columns, kTile), GroupsFor(rows, kTile));
  TransposeNaiveKernel<<<grid, block>>>(a, out, rows, columns);
}

// ---- a thread for each element ----

/// out[i] = a[i] + b[i], of n elements each. A launch has whole blocks, so there may be more threads than elements.
///
/// Traffic: no more than 2 n loads and n stores, coalesced.
__global__ void VectorAddKernel(const float* a, const float* b, float* out, int n) {
  /// BEGIN SOLUTION
  const int mine = blockIdx.x * blockDim.x + threadIdx.x;
  if (mine < n) {
    out[mine] = a[mine] + b[mine];
  }
  /// END SOLUTION
}

/// Launches VectorAddKernel on as many blocks of kThreads threads as n elements need. `GroupsFor` counts them.
void VectorAdd(const float* a, const float* b, float* out, int n) {
  /// BEGIN SOLUTION
  VectorAddKernel<<<GroupsFor(n, kThreads), kThreads>>>(a, b, out, n);
  /// END SOLUTION
}

// ---- shared memory ----

/// out[i] = the sum of the kWindow numbers of `a` from a[i] on. `out` has n elements, `a` has n + kWindow - 1.
///
/// A block of kThreads threads writes kThreads elements of `out`, and needs kThreads + kWindow - 1 of `a`. Its threads
/// first bring these to shared memory, together; then each sums its window from there.
///
/// Traffic: a block loads each number that it needs once, all blocks together n + (kWindow - 1) * blocks.
__global__ void WindowSumKernel(const float* a, float* out, int n) {
  /// BEGIN SOLUTION
  __shared__ float part[kThreads + kWindow - 1];
  const int begin = blockIdx.x * kThreads, t = threadIdx.x;
  for (int i = t; i < kThreads + kWindow - 1; i += kThreads) {
    if (begin + i < n + kWindow - 1) {
      part[i] = a[begin + i];
    }
  }
  __syncthreads();
  if (begin + t < n) {
    float sum = 0;
    for (int k = 0; k < kWindow; ++k) {
      sum += part[t + k];
    }
    out[begin + t] = sum;
  }
  /// END SOLUTION
}

/// Launches WindowSumKernel on as many blocks of kThreads threads as `out` needs.
void WindowSum(const float* a, float* out, int n) {
  /// BEGIN SOLUTION
  WindowSumKernel<<<GroupsFor(n, kThreads), kThreads>>>(a, out, n);
  /// END SOLUTION
}

// ---- many threads, one result ----

/// out[i] = the sum of row i of a matrix with so many columns. Block i sums row i.
///
/// The block may have any number of threads up to kMostThreads, such as 1, 7 or 1000 (blockDim.x says how many), and
/// the row any length. First each thread sums a share of the row: thread 0 the elements 0, blockDim.x, 2 * blockDim.x,
/// ... Then the shares, one for each thread, are summed in shared memory by a tree: in each round half of those that
/// are left are added to the other half, until one is left. Where their number is odd, one has no partner.
///
/// Traffic: every number is loaded once, coalesced, and shared memory has no bank conflicts. Look at the picture of the
/// tree in the notebook: who should add to whom?
__global__ void RowSumKernel(const float* a, float* out, int columns) {
  /// BEGIN SOLUTION
  __shared__ float sums[kMostThreads];
  const int t = threadIdx.x, threads = blockDim.x;
  const float* row = a + blockIdx.x * columns;
  float share = 0;
  for (int j = t; j < columns; j += threads) {
    share += row[j];
  }
  sums[t] = share;
  for (int left = threads; left > 1; left = (left + 1) / 2) {
    __syncthreads();
    if (t < left / 2) {
      sums[t] += sums[t + (left + 1) / 2];
    }
  }
  if (t == 0) {
    out[blockIdx.x] = sums[0];
  }
  /// END SOLUTION
}

/// Launches RowSumKernel: a block of `threads` threads for each row.
void RowSum(const float* a, float* out, int rows, int columns, int threads) {
  /// BEGIN SOLUTION
  RowSumKernel<<<rows, threads>>>(a, out, columns);
  /// END SOLUTION
}

// ---- tiles ----

/// out (columns, rows) = a (rows, columns), transposed: out[j * rows + i] = a[i * columns + j].
///
/// A block of kTile x kTile threads takes a tile of `a` to its place in `out`. Threads side by side (threadIdx.x is
/// what counts within a warp) must read side by side in `a`, and write side by side in `out`; the turn happens in
/// shared memory, in a tile whose rows are one longer than they would have to be.
///
/// Traffic: loads and stores are coalesced, and shared memory has no bank conflicts.
__global__ void TransposeKernel(const float* a, float* out, int rows, int columns) {
  /// BEGIN SOLUTION
  __shared__ float tile[kTile][kTile + 1];
  const int x = threadIdx.x, y = threadIdx.y, left = blockIdx.x * kTile, top = blockIdx.y * kTile;
  if (top + y < rows && left + x < columns) {
    tile[y][x] = a[(top + y) * columns + left + x];
  }
  __syncthreads();
  if (left + y < columns && top + x < rows) {
    out[(left + y) * rows + top + x] = tile[x][y];
  }
  /// END SOLUTION
}

/// Launches TransposeKernel on blocks of kTile x kTile threads, as many in x as the columns of `a` need and as many in
/// y as its rows need.
void Transpose(const float* a, float* out, int rows, int columns) {
  /// BEGIN SOLUTION
  TransposeKernel<<<dim3(GroupsFor(columns, kTile), GroupsFor(rows, kTile)), dim3(kTile, kTile)>>>(a, out, rows,
                                                                                                   columns);
  /// END SOLUTION
}

/// out (M, P) = a (M, N) @ b (N, P)
///
/// A block of kTile x kTile threads computes a tile of `out`, a thread each element. Round by round it brings a tile of
/// `a` and one of `b` to shared memory, a thread one number of each, and adds the products of the two. What a tile has
/// beyond the edge of a matrix counts as 0, and is neither loaded nor stored.
///
/// Traffic: a number of `a` is loaded once for each tile across `out`, one of `b` once for each tile down, coalesced:
/// in all kTile times less than by three loops.
__global__ void MatmulTiledKernel(const float* a, const float* b, float* out, int M, int N, int P) {
  /// BEGIN SOLUTION
  __shared__ float a_part[kTile][kTile], b_part[kTile][kTile];
  const int x = threadIdx.x, y = threadIdx.y;
  const int row = blockIdx.y * kTile + y, column = blockIdx.x * kTile + x;
  float sum = 0;
  for (int from = 0; from < N; from += kTile) {
    a_part[y][x] = row < M && from + x < N ? a[row * N + from + x] : 0;
    b_part[y][x] = from + y < N && column < P ? b[(from + y) * P + column] : 0;
    __syncthreads();
    for (int k = 0; k < kTile; ++k) {
      sum += a_part[y][k] * b_part[k][x];
    }
    __syncthreads();
  }
  if (row < M && column < P) {
    out[row * P + column] = sum;
  }
  /// END SOLUTION
}

/// Launches MatmulTiledKernel on blocks of kTile x kTile threads, as many in x as the columns of `out` need and as many
/// in y as its rows need.
void MatmulTiled(const float* a, const float* b, float* out, int M, int N, int P) {
  /// BEGIN SOLUTION
  MatmulTiledKernel<<<dim3(GroupsFor(P, kTile), GroupsFor(M, kTile)), dim3(kTile, kTile)>>>(a, b, out, M, N, P);
  /// END SOLUTION
}
