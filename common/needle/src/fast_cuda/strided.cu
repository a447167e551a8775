// compact and setitem: elements move between a strided view and an array that holds them row by row.
//
// What decides is whether the 32 threads of a warp touch memory side by side, on both sides. A view that is one piece
// is copied as such. A view whose last axis has stride 1 is moved element by element, or by four where all fits. A
// transposed view would be read well and written badly, or the other way round, so it takes a detour by a tile in
// shared memory, which is written along one axis and read along the other.

#include <algorithm>
#include <cstdlib>

#include "device.cuh"
#include "strided_view.h"

namespace needle {
namespace cuda {

namespace {

constexpr size_t kIndex32 = 0x7fffffff;  // the most that Divide32 divides
constexpr unsigned kTile = 32, kTileRows = 8;

/// A view's axes for a kernel, outermost first; positions count elements of the type that is moved.
template <typename Divide>
struct KernelView {
  using Index = typename Divide::Index;
  int axes;
  Divide extent[MAX_VEC_SIZE];
  int64_t stride[MAX_VEC_SIZE];

  __device__ int64_t Position(Index index) const {
    int64_t position = 0;
    for (int axis = axes - 1; axis > 0; --axis) {
      position += static_cast<int64_t>(extent[axis].Split(&index)) * stride[axis];
    }
    return axes > 0 ? position + static_cast<int64_t>(index) * stride[0] : 0;
  }
};

// ---- element by element ----

template <typename T, typename Divide>
__global__ void GatherKernel(const T* view, T* plain, size_t size, KernelView<Divide> axes) {
  const size_t index = GlobalThread();
  if (index < size) {
    plain[index] = view[axes.Position(static_cast<typename Divide::Index>(index))];
  }
}

template <typename T, typename Divide>
__global__ void ScatterKernel(const T* plain, T* view, size_t size, KernelView<Divide> axes) {
  const size_t index = GlobalThread();
  if (index < size) {
    view[axes.Position(static_cast<typename Divide::Index>(index))] = plain[index];
  }
}

template <typename T, typename Divide>
__global__ void SetKernel(T value, T* view, size_t size, KernelView<Divide> axes) {
  const size_t index = GlobalThread();
  if (index < size) {
    view[axes.Position(static_cast<typename Divide::Index>(index))] = value;
  }
}

template <typename Divide>
KernelView<Divide> ForKernel(const std::vector<Axis>& axes) {
  KernelView<Divide> view;
  view.axes = static_cast<int>(axes.size());
  for (size_t i = 0; i < axes.size(); ++i) {
    view.extent[i] = Divide(axes[i].extent);
    view.stride[i] = axes[i].stride;
  }
  return view;
}

/// Whether a view that begins at `start` consists of vectors of 4 that lie at multiples of 4.
bool InFours(const std::vector<Axis>& axes, size_t start) {
  return !axes.empty() && axes.back().stride == 1 && axes.back().extent % 4 == 0 && start % 4 == 0 &&
         std::all_of(axes.begin(), axes.end() - 1, [](const Axis& axis) { return axis.stride % 4 == 0; });
}

/// The same view, counted in vectors of 4.
std::vector<Axis> Quartered(std::vector<Axis> axes) {
  axes.back().extent /= 4;
  for (size_t i = 0; i + 1 < axes.size(); ++i) {
    axes[i].stride /= 4;
  }
  return axes;
}

// ---- by tiles ----

/// Two axes whose plane is moved tile by tile, and the axes around them. `from` and `to` are strides on either side.
struct Planes {
  size_t read_extent,
      write_extent;  // threads side by side lie along the first when they read, the second when they write
  int64_t read_from, read_to, write_from, write_to;
  Divide32 read_tiles, write_tiles;
  int around;
  Divide32 extent[MAX_VEC_SIZE];
  int64_t from[MAX_VEC_SIZE], to[MAX_VEC_SIZE];
};

__global__ void TileKernel(const scalar_t* source, scalar_t* target, Planes planes) {
  __shared__ scalar_t tile[kTile][kTile + 1];  // one more column: threads along a column then hit different banks
  uint32_t block = blockIdx.x;
  const size_t read_first = static_cast<size_t>(planes.read_tiles.Split(&block)) * kTile;
  const size_t write_first = static_cast<size_t>(planes.write_tiles.Split(&block)) * kTile;
  for (int axis = planes.around - 1; axis >= 0; --axis) {
    const int64_t index = planes.extent[axis].Split(&block);
    source += index * planes.from[axis];
    target += index * planes.to[axis];
  }
  for (unsigned row = threadIdx.y; row < kTile; row += kTileRows) {
    const size_t read = read_first + threadIdx.x, write = write_first + row;
    if (read < planes.read_extent && write < planes.write_extent) {
      tile[row][threadIdx.x] =
          source[static_cast<int64_t>(read) * planes.read_from + static_cast<int64_t>(write) * planes.write_from];
    }
  }
  __syncthreads();
  for (unsigned row = threadIdx.y; row < kTile; row += kTileRows) {
    const size_t read = read_first + row, write = write_first + threadIdx.x;
    if (read < planes.read_extent && write < planes.write_extent) {
      target[static_cast<int64_t>(read) * planes.read_to + static_cast<int64_t>(write) * planes.write_to] =
          tile[threadIdx.x][row];
    }
  }
}

/// The axis of a view along which its memory is contiguous, where that is not the last, and both are worth a tile; else
/// -1.
int TileAxis(const std::vector<Axis>& axes) {
  constexpr size_t worth = kTile / 2;
  if (axes.size() < 2 || std::abs(axes.back().stride) <= 1 || axes.back().extent < worth) {
    return -1;
  }
  for (size_t i = 0; i + 1 < axes.size(); ++i) {
    if (std::abs(axes[i].stride) == 1 && axes[i].extent >= worth) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

/// Moves a view for which TileAxis names `axis`: out of its array (`gather`) or into it.
void MoveByTiles(const scalar_t* source, scalar_t* target, const std::vector<Axis>& axes, int axis, bool gather) {
  const Axis &inner = axes[axis], &last = axes.back();
  const Axis &reading = gather ? inner : last, &writing = gather ? last : inner;
  const auto from = [gather](const Axis& a) { return gather ? a.stride : a.row_by_row; };
  const auto to = [gather](const Axis& a) { return gather ? a.row_by_row : a.stride; };
  const size_t read_tiles = CeilDivide(reading.extent, kTile), write_tiles = CeilDivide(writing.extent, kTile);
  Planes planes;
  planes.read_extent = reading.extent;
  planes.write_extent = writing.extent;
  planes.read_from = from(reading);
  planes.read_to = to(reading);
  planes.write_from = from(writing);
  planes.write_to = to(writing);
  planes.read_tiles = Divide32(read_tiles);
  planes.write_tiles = Divide32(write_tiles);
  planes.around = 0;
  size_t blocks = read_tiles * write_tiles;
  for (size_t i = 0; i + 1 < axes.size(); ++i) {
    if (static_cast<int>(i) != axis) {
      planes.extent[planes.around] = Divide32(axes[i].extent);
      planes.from[planes.around] = from(axes[i]);
      planes.to[planes.around++] = to(axes[i]);
      blocks *= axes[i].extent;
    }
  }
  TileKernel<<<static_cast<unsigned>(blocks), dim3(kTile, kTileRows)>>>(source, target, planes);
}

/// Whether a view is one piece of memory, from its first element on.
bool OnePiece(const std::vector<Axis>& axes) { return axes.empty() || (axes.size() == 1 && axes[0].stride == 1); }

/// Calls launch(view, number of elements, vector) with the axes as a kernel takes them, by four where `axes` allow.
template <typename Launch>
void ByElements(const std::vector<Axis>& axes, size_t size, size_t offset, Launch launch) {
  const bool fours = InFours(axes, offset);
  const std::vector<Axis> moved = fours ? Quartered(axes) : axes;
  const size_t count = fours ? size / 4 : size;
  if (count <= kIndex32) {
    launch(ForKernel<Divide32>(moved), count, fours);
  } else {
    launch(ForKernel<Divide64>(moved), count, fours);
  }
}

float4* Fours(scalar_t* ptr) { return reinterpret_cast<float4*>(ptr); }
const float4* Fours(const scalar_t* ptr) { return reinterpret_cast<const float4*>(ptr); }

}  // namespace

void Compact(const CudaArray& a, CudaArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
             size_t offset) {
  if (out->size == 0) {
    return;
  }
  const std::vector<Axis> axes = JoinedAxes(shape, strides);
  const scalar_t* view = a.ptr + offset;
  if (OnePiece(axes)) {
    Check(cudaMemcpyAsync(out->ptr, view, out->size * ELEM_SIZE, cudaMemcpyDeviceToDevice), "cudaMemcpyAsync");
    return;
  }
  const int tiled = TileAxis(axes);
  if (tiled >= 0) {
    MoveByTiles(view, out->ptr, axes, tiled, true);
    return;
  }
  ByElements(axes, out->size, offset, [&](const auto& kernel_view, size_t count, bool fours) {
    const CudaDims dims = CudaOneDim(count);
    if (fours) {
      GatherKernel<<<dims.grid, dims.block>>>(Fours(view), Fours(out->ptr), count, kernel_view);
    } else {
      GatherKernel<<<dims.grid, dims.block>>>(view, out->ptr, count, kernel_view);
    }
  });
}

void EwiseSetitem(const CudaArray& a, CudaArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
                  size_t offset) {
  if (a.size == 0) {
    return;
  }
  const std::vector<Axis> axes = JoinedAxes(shape, strides);
  scalar_t* view = out->ptr + offset;
  if (OnePiece(axes)) {
    Check(cudaMemcpyAsync(view, a.ptr, a.size * ELEM_SIZE, cudaMemcpyDeviceToDevice), "cudaMemcpyAsync");
    return;
  }
  const int tiled = TileAxis(axes);
  if (tiled >= 0) {
    MoveByTiles(a.ptr, view, axes, tiled, false);
    return;
  }
  ByElements(axes, a.size, offset, [&](const auto& kernel_view, size_t count, bool fours) {
    const CudaDims dims = CudaOneDim(count);
    if (fours) {
      ScatterKernel<<<dims.grid, dims.block>>>(Fours(a.ptr), Fours(view), count, kernel_view);
    } else {
      ScatterKernel<<<dims.grid, dims.block>>>(static_cast<const scalar_t*>(a.ptr), view, count, kernel_view);
    }
  });
}

void ScalarSetitem(size_t size, scalar_t val, CudaArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
                   size_t offset) {
  if (size == 0) {
    return;
  }
  std::vector<Axis> axes = JoinedAxes(shape, strides);
  // All elements get the same, so their order is free: by falling strides, threads side by side write side by side.
  std::sort(axes.begin(), axes.end(),
            [](const Axis& x, const Axis& y) { return std::abs(x.stride) > std::abs(y.stride); });
  scalar_t* view = out->ptr + offset;
  ByElements(axes, size, offset, [&](const auto& kernel_view, size_t count, bool fours) {
    const CudaDims dims = CudaOneDim(count);
    if (fours) {
      SetKernel<<<dims.grid, dims.block>>>(make_float4(val, val, val, val), Fours(view), count, kernel_view);
    } else {
      SetKernel<<<dims.grid, dims.block>>>(val, view, count, kernel_view);
    }
  });
}

}  // namespace cuda
}  // namespace needle
