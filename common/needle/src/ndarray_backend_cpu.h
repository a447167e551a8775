// The CPU backend: its array, and the kernels that `ndarray_backend_cpu.cc` defines.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <vector>

namespace needle {
namespace cpu {

using scalar_t = float;
constexpr size_t ELEM_SIZE = sizeof(scalar_t);
constexpr size_t ALIGNMENT = 256;  // bytes: whole cache lines, and whole tiles of TILE x TILE elements
constexpr size_t TILE = 8;         // the rows and columns of MatmulTiled's tiles

/// Flat memory for `size` elements whose address is a multiple of ALIGNMENT bytes. Shapes and strides are not its
/// matter.
///
/// New elements are NaN. Fresh memory holds anything, most often zeros, and a kernel that reads what nobody wrote would
/// then be wrong only now and then; like this it is wrong every time.
struct AlignedArray {
  /// Throws std::bad_alloc if there is no memory for it.
  explicit AlignedArray(size_t elements) : ptr(Allocate(elements)), size(elements) {
    std::fill_n(ptr, size, std::numeric_limits<scalar_t>::quiet_NaN());
  }
  ~AlignedArray() { ::operator delete(ptr, std::align_val_t(ALIGNMENT)); }
  AlignedArray(const AlignedArray&) = delete;
  AlignedArray& operator=(const AlignedArray&) = delete;

  scalar_t* const ptr;
  const size_t size;  // in elements

 private:
  static scalar_t* Allocate(size_t size) {
    if (size > PTRDIFF_MAX / ELEM_SIZE) {
      throw std::bad_alloc();
    }
    void* memory = ::operator new(size * ELEM_SIZE, std::align_val_t(ALIGNMENT), std::nothrow);
    if (memory == nullptr) {
      throw std::bad_alloc();
    }
    return static_cast<scalar_t*>(memory);
  }
};

// What each kernel does is said where it is defined. All arguments are checked before a kernel is called.

void Fill(AlignedArray* out, scalar_t val);

void Compact(const AlignedArray& a, AlignedArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
             size_t offset);
void EwiseSetitem(const AlignedArray& a, AlignedArray* out, std::vector<int32_t> shape, std::vector<int32_t> strides,
                  size_t offset);
void ScalarSetitem(size_t size, scalar_t val, AlignedArray* out, std::vector<int32_t> shape,
                   std::vector<int32_t> strides, size_t offset);

void EwiseAdd(const AlignedArray& a, const AlignedArray& b, AlignedArray* out);
void ScalarAdd(const AlignedArray& a, scalar_t val, AlignedArray* out);
void EwiseMul(const AlignedArray& a, const AlignedArray& b, AlignedArray* out);
void ScalarMul(const AlignedArray& a, scalar_t val, AlignedArray* out);
void EwiseDiv(const AlignedArray& a, const AlignedArray& b, AlignedArray* out);
void ScalarDiv(const AlignedArray& a, scalar_t val, AlignedArray* out);
void ScalarPower(const AlignedArray& a, scalar_t val, AlignedArray* out);
void EwiseMaximum(const AlignedArray& a, const AlignedArray& b, AlignedArray* out);
void ScalarMaximum(const AlignedArray& a, scalar_t val, AlignedArray* out);
void EwiseEq(const AlignedArray& a, const AlignedArray& b, AlignedArray* out);
void ScalarEq(const AlignedArray& a, scalar_t val, AlignedArray* out);
void EwiseGe(const AlignedArray& a, const AlignedArray& b, AlignedArray* out);
void ScalarGe(const AlignedArray& a, scalar_t val, AlignedArray* out);
void EwiseLog(const AlignedArray& a, AlignedArray* out);
void EwiseExp(const AlignedArray& a, AlignedArray* out);
void EwiseTanh(const AlignedArray& a, AlignedArray* out);

void Matmul(const AlignedArray& a, const AlignedArray& b, AlignedArray* out, uint32_t m, uint32_t n, uint32_t p);
void MatmulTiled(const AlignedArray& a, const AlignedArray& b, AlignedArray* out, uint32_t m, uint32_t n, uint32_t p);

void ReduceMax(const AlignedArray& a, AlignedArray* out, size_t reduce_size);
void ReduceSum(const AlignedArray& a, AlignedArray* out, size_t reduce_size);

}  // namespace cpu
}  // namespace needle
