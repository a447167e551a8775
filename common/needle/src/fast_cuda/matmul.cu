// The matrix product, tiled twice. A block computes BM x BN elements from slices of `a` and `b` in shared memory, BK
// deep, so what it reads from the GPU's memory is used BN or BM times; a thread computes TM x TN of them in registers,
// so what it reads from shared memory is used TN or TM times. While the threads compute with one slice, the next is on
// its way.
//
// A block does 2 * BM * BN * BK floating-point operations with (BM + BN) * BK * 4 bytes: 32 for each byte where BM = BN
// = 128, and an H100 can do 20 while it reads one. The 64 x 64 tiles are for products that have fewer blocks of 128 x
// 128 than the GPU has multiprocessors.

#include "device.cuh"

namespace needle {
namespace cuda {

namespace {

/// Elements (row, column) ... (row, column + 3) of a row-major matrix; what lies beyond it counts as zero.
///
/// kVectors: whether `columns` and `column` are multiples of 4, so that the four are read at once
template <bool kVectors>
__device__ float4 LoadFour(const scalar_t* matrix, size_t row, size_t column, size_t rows, size_t columns) {
  float4 four = make_float4(0, 0, 0, 0);
  if (row < rows && column < columns) {
    const scalar_t* place = matrix + row * columns + column;
    if (kVectors) {
      four = *reinterpret_cast<const float4*>(place);
    } else {
      four.x = place[0];
      four.y = column + 1 < columns ? place[1] : 0;
      four.z = column + 2 < columns ? place[2] : 0;
      four.w = column + 3 < columns ? place[3] : 0;
    }
  }
  return four;
}

/// The inverse; what lies beyond the matrix is not written.
template <bool kVectors>
__device__ void StoreFour(scalar_t* matrix, size_t row, size_t column, size_t rows, size_t columns, float4 four) {
  if (row < rows && column < columns) {
    scalar_t* place = matrix + row * columns + column;
    if (kVectors) {
      *reinterpret_cast<float4*>(place) = four;
    } else {
      place[0] = four.x;
      if (column + 1 < columns) place[1] = four.y;
      if (column + 2 < columns) place[2] = four.z;
      if (column + 3 < columns) place[3] = four.w;
    }
  }
}

template <int kBM, int kBN, int kBK, int kTM, int kTN>
struct Tiles {
  static constexpr int BM = kBM, BN = kBN, BK = kBK, TM = kTM, TN = kTN;
  static constexpr int ACROSS = BN / TN, THREADS = (BM / TM) * ACROSS;  // threads of a block, along a row and in all
  static constexpr int A_LOADS = BM * BK / 4 / THREADS, B_LOADS = BK * BN / 4 / THREADS;  // of four elements, a thread
  static constexpr int RESIDENT = TM * TN > 16 ? 2 : 3;  // blocks that a multiprocessor's registers must suffice for
  static_assert(TM % 4 == 0 && TN % 4 == 0 && BK % 4 == 0, "everything moves in fours");
  static_assert(A_LOADS * THREADS * 4 == BM * BK && B_LOADS * THREADS * 4 == BK * BN, "every thread loads as much");
};

constexpr unsigned kGroup = 8;  // block rows that are computed together, so that their slices of `b` are still cached

template <typename T, bool kVectors>
__global__ void __launch_bounds__(T::THREADS, T::RESIDENT)
    MatmulKernel(const scalar_t* __restrict__ a, const scalar_t* __restrict__ b, scalar_t* __restrict__ out, size_t M,
                 size_t N, size_t P) {
  // a's slice is stored transposed, so that a thread reads its rows as fours; + 4 keeps fours aligned and banks apart.
  __shared__ __align__(16) scalar_t a_slices[2][T::BK][T::BM + 4];
  __shared__ __align__(16) scalar_t b_slices[2][T::BK][T::BN];

  // Blocks go down kGroup block rows, then on to the next block column.
  const unsigned down = (M + T::BM - 1) / T::BM, across = (P + T::BN - 1) / T::BN;
  const unsigned group = blockIdx.x / (kGroup * across), in_group = blockIdx.x % (kGroup * across);
  const unsigned group_rows = min(kGroup, down - group * kGroup);
  const size_t top = static_cast<size_t>(group * kGroup + in_group % group_rows) * T::BM;
  const size_t left = static_cast<size_t>(in_group / group_rows) * T::BN;

  const int thread = threadIdx.x, tx = thread % T::ACROSS, ty = thread / T::ACROSS;
  float4 a_next[T::A_LOADS], b_next[T::B_LOADS];

  const auto load = [&](size_t start) {
    for (int i = 0; i < T::A_LOADS; ++i) {
      const int four = thread + i * T::THREADS;
      a_next[i] = LoadFour<kVectors>(a, top + four / (T::BK / 4), start + four % (T::BK / 4) * 4, M, N);
    }
    for (int i = 0; i < T::B_LOADS; ++i) {
      const int four = thread + i * T::THREADS;
      b_next[i] = LoadFour<kVectors>(b, start + four / (T::BN / 4), left + four % (T::BN / 4) * 4, N, P);
    }
  };
  const auto store = [&](int slice) {
    for (int i = 0; i < T::A_LOADS; ++i) {
      const int four = thread + i * T::THREADS, row = four / (T::BK / 4), k = four % (T::BK / 4) * 4;
      a_slices[slice][k][row] = a_next[i].x;
      a_slices[slice][k + 1][row] = a_next[i].y;
      a_slices[slice][k + 2][row] = a_next[i].z;
      a_slices[slice][k + 3][row] = a_next[i].w;
    }
    for (int i = 0; i < T::B_LOADS; ++i) {
      const int four = thread + i * T::THREADS;
      *reinterpret_cast<float4*>(&b_slices[slice][four / (T::BN / 4)][four % (T::BN / 4) * 4]) = b_next[i];
    }
  };

  // A thread's rows and columns come in fours, BM / (TM / 4) and BN / (TN / 4) apart: a warp then reads each four of
  // shared memory from neighbouring places.
  constexpr int ROW_STEP = T::BM / (T::TM / 4), COLUMN_STEP = T::BN / (T::TN / 4);
  scalar_t sums[T::TM][T::TN] = {};
  load(0);
  store(0);
  __syncthreads();
  int slice = 0;
  for (size_t start = 0; start < N; start += T::BK) {
    const bool more = start + T::BK < N;
    if (more) load(start + T::BK);
#pragma unroll
    for (int k = 0; k < T::BK; ++k) {
      scalar_t a_values[T::TM], b_values[T::TN];
#pragma unroll
      for (int i = 0; i < T::TM; i += 4) {
        const float4 four = *reinterpret_cast<const float4*>(&a_slices[slice][k][ty * 4 + i / 4 * ROW_STEP]);
        a_values[i] = four.x, a_values[i + 1] = four.y, a_values[i + 2] = four.z, a_values[i + 3] = four.w;
      }
#pragma unroll
      for (int j = 0; j < T::TN; j += 4) {
        const float4 four = *reinterpret_cast<const float4*>(&b_slices[slice][k][tx * 4 + j / 4 * COLUMN_STEP]);
        b_values[j] = four.x, b_values[j + 1] = four.y, b_values[j + 2] = four.z, b_values[j + 3] = four.w;
      }
#pragma unroll
      for (int i = 0; i < T::TM; ++i) {
#pragma unroll
        for (int j = 0; j < T::TN; ++j) {
          sums[i][j] += a_values[i] * b_values[j];
        }
      }
    }
    // Nobody reads the other slice any more: all have passed the barrier that ended its turn.
    slice ^= 1;
    if (more) store(slice);
    __syncthreads();
  }
#pragma unroll
  for (int i = 0; i < T::TM; ++i) {
#pragma unroll
    for (int j = 0; j < T::TN; j += 4) {
      const size_t row = top + ty * 4 + i / 4 * ROW_STEP + i % 4, column = left + tx * 4 + j / 4 * COLUMN_STEP;
      StoreFour<kVectors>(out, row, column, M, P,
                          make_float4(sums[i][j], sums[i][j + 1], sums[i][j + 2], sums[i][j + 3]));
    }
  }
}

template <typename T>
size_t Blocks(size_t M, size_t P) {
  return CeilDivide(M, T::BM) * CeilDivide(P, T::BN);
}

template <typename T>
void Launch(const CudaArray& a, const CudaArray& b, CudaArray* out, size_t M, size_t N, size_t P) {
  const auto blocks = static_cast<unsigned>(Blocks<T>(M, P));
  if (N % 4 == 0 && P % 4 == 0) {
    MatmulKernel<T, true><<<blocks, T::THREADS>>>(a.ptr, b.ptr, out->ptr, M, N, P);
  } else {
    MatmulKernel<T, false><<<blocks, T::THREADS>>>(a.ptr, b.ptr, out->ptr, M, N, P);
  }
}

}  // namespace

void Matmul(const CudaArray& a, const CudaArray& b, CudaArray* out, uint32_t M, uint32_t N, uint32_t P) {
  using Large = Tiles<128, 128, 8, 8, 8>;
  using Small = Tiles<64, 64, 16, 4, 4>;
  if (out->size == 0) {
    return;
  }
  if (Blocks<Large>(M, P) >= Multiprocessors()) {
    Launch<Large>(a, b, out, M, N, P);
  } else {
    Launch<Small>(a, b, out, M, N, P);
  }
}

}  // namespace cuda
}  // namespace needle
