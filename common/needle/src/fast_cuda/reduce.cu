// Reductions of neighbouring elements. A warp adds up its 32 partial results without memory, by shuffles: each thread
// takes the number of the thread 16 further on, then 8, 4, 2, 1. Which threads share a group of elements depends on its
// size.
//
//   up to 1,024 elements   1, 2, 4 ... or 32 threads of one warp to a group, about 4 elements a thread
//   more                   a block to a group; if that makes too few blocks, several to a group, and then their results
//   again
//
// No result depends on which block comes first: the same input always gives the same bits.

#include <algorithm>
#include <cmath>

#include "device.cuh"

namespace needle {
namespace cuda {

namespace {

constexpr unsigned kWarp = 32, kAll = 0xffffffff;
constexpr size_t kLargestOfWarp = 1024;  // elements of a group
constexpr size_t kLeastOfBlock = 4096;   // elements that are worth a block of their own, where a group is cut
constexpr size_t kBlocks = 8;            // a multiprocessor

struct Sum {
  __device__ static scalar_t Nothing() { return 0; }
  __device__ static scalar_t Of(scalar_t x, scalar_t y) { return x + y; }
};

struct Maximum {
  __device__ static scalar_t Nothing() { return -INFINITY; }
  __device__ static scalar_t Of(scalar_t x, scalar_t y) { return x >= y || isnan(x) ? x : y; }
};

/// The values of `lanes` neighbouring threads together, for each of them. All threads of the warp must call it.
template <typename Operation>
__device__ scalar_t AcrossLanes(scalar_t value, unsigned lanes) {
  for (unsigned distance = lanes / 2; distance > 0; distance /= 2) {
    value = Operation::Of(value, __shfl_xor_sync(kAll, value, distance));
  }
  return value;
}

/// out[i] = all of group i. `lanes` threads to a group, a power of two up to 32.
template <typename Operation>
__global__ void WarpKernel(const scalar_t* a, scalar_t* out, size_t groups, size_t group_size, unsigned lanes) {
  const size_t thread = GlobalThread(), group = thread / lanes;
  const unsigned lane = thread % lanes;
  scalar_t value = Operation::Nothing();
  if (group < groups) {
    const scalar_t* members = a + group * group_size;
    for (size_t i = lane; i < group_size; i += lanes) {
      value = Operation::Of(value, members[i]);
    }
  }
  value = AcrossLanes<Operation>(value, lanes);
  if (group < groups && lane == 0) {
    out[group] = value;
  }
}

/// out[i] = all of piece i, for pieces of `piece_size` elements, `pieces` to a group; the last of a group may be
/// shorter.
template <typename Operation>
__global__ void BlockKernel(const scalar_t* a, scalar_t* out, size_t group_size, size_t piece_size, size_t pieces) {
  __shared__ scalar_t of_warps[BASE_THREAD_NUM / kWarp];
  const size_t group = blockIdx.x / pieces, first = blockIdx.x % pieces * piece_size;
  const size_t count = min(piece_size, group_size - first);
  const scalar_t* members = a + group * group_size + first;
  scalar_t value = Operation::Nothing();
  if (group_size % 4 == 0) {  // and so is first: the members lie at a multiple of 16 bytes
    const float4* fours = reinterpret_cast<const float4*>(members);
#pragma unroll 4
    for (size_t i = threadIdx.x; i < count / 4; i += BASE_THREAD_NUM) {
      const float4 four = fours[i];
      value = Operation::Of(value, Operation::Of(Operation::Of(four.x, four.y), Operation::Of(four.z, four.w)));
    }
  } else {
#pragma unroll 8
    for (size_t i = threadIdx.x; i < count; i += BASE_THREAD_NUM) {
      value = Operation::Of(value, members[i]);
    }
  }
  value = AcrossLanes<Operation>(value, kWarp);
  const unsigned warp = threadIdx.x / kWarp, lane = threadIdx.x % kWarp, warps = BASE_THREAD_NUM / kWarp;
  if (lane == 0) {
    of_warps[warp] = value;
  }
  __syncthreads();
  if (warp == 0) {
    value = AcrossLanes<Operation>(lane < warps ? of_warps[lane] : Operation::Nothing(), warps);
    if (lane == 0) {
      out[blockIdx.x] = value;
    }
  }
}

/// out[i] = all of group i, for groups of at most kLargestOfWarp.
template <typename Operation>
void ByWarps(const scalar_t* a, scalar_t* out, size_t groups, size_t group_size) {
  unsigned lanes = 1;
  while (lanes < kWarp && lanes * 4 < group_size) {
    lanes *= 2;
  }
  const CudaDims dims = CudaOneDim(groups * lanes);
  WarpKernel<Operation><<<dims.grid, dims.block>>>(a, out, groups, group_size, lanes);
}

template <typename Operation>
void Reduce(const CudaArray& a, CudaArray* out, size_t group_size) {
  const size_t groups = out->size;
  if (groups == 0) {
    return;
  }
  if (group_size <= kLargestOfWarp) {
    ByWarps<Operation>(a.ptr, out->ptr, groups, group_size);
    return;
  }
  // At most kLargestOfWarp pieces, so that their results are a warp's work; a multiple of 4 elements in each.
  const size_t wanted = CeilDivide(kBlocks * Multiprocessors(), groups);
  const size_t most = std::min(CeilDivide(group_size, kLeastOfBlock), kLargestOfWarp);
  const size_t piece_size = CeilDivide(CeilDivide(group_size, std::min(wanted, most)), 4) * 4;
  const size_t pieces = CeilDivide(group_size, piece_size);
  const auto blocks = static_cast<unsigned>(groups * pieces);
  if (pieces == 1) {
    BlockKernel<Operation><<<blocks, BASE_THREAD_NUM>>>(a.ptr, out->ptr, group_size, piece_size, pieces);
    return;
  }
  CudaArray partial(groups * pieces);
  BlockKernel<Operation><<<blocks, BASE_THREAD_NUM>>>(a.ptr, partial.ptr, group_size, piece_size, pieces);
  ByWarps<Operation>(partial.ptr, out->ptr, groups, pieces);
}

}  // namespace

void ReduceMax(const CudaArray& a, CudaArray* out, size_t reduce_size) { Reduce<Maximum>(a, out, reduce_size); }

void ReduceSum(const CudaArray& a, CudaArray* out, size_t reduce_size) { Reduce<Sum>(a, out, reduce_size); }

}  // namespace cuda
}  // namespace needle
