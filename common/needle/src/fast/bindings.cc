// The Python module `ndarray_backend_fast`: the library's own kernels under the interface of `ndarray_backend_cpu`.
//
// What a native module offers and checks stands in native_module.h. Beyond that: choosing threads and the instruction
// set, the allocator's statistics, a reduction over any axis of a compact array, and the loops that benchmarks compare
// with.

#include "bindings.h"

#include <pybind11/stl.h>

#include "dispatch.h"
#include "plan.h"
#include "threads.h"

namespace {

using namespace needle::fast;
namespace py = pybind11;
using Dims = std::vector<int32_t>;

/// The memory of an array is the CPU's own.
struct Borrowed {
  const float* memory;
  const float* get() const { return memory; }
};

Borrowed host(const Array& array) { return {array.ptr}; }

void copy_flat(const float* from, float* to, size_t size) {
  StridedCopy copy;
  copy.ndim = 1;
  copy.shape[0] = size;
  copy.in[0] = copy.out[0] = 1;
  if (size > 0) {
    kernels().strided_copy(copy, from, to);
  }
}

bool empty(const Dims& shape) {
  for (const int32_t dim : shape) {
    if (dim == 0) {
      return true;
    }
  }
  return false;
}

using Strides = std::vector<ptrdiff_t>;

void copy_view(const float* in, float* out, const Dims& shape, const Strides& in_strides, const Strides& out_strides) {
  if (empty(shape)) {
    return;
  }
  ptrdiff_t skip = 0;
  const StridedCopy copy = simplified(shape, in_strides, out_strides, &skip);
  kernels().strided_copy(copy, in + skip, out);
}

Strides wide(const Dims& strides) { return Strides(strides.begin(), strides.end()); }

void compact(const Array& a, Array* out, const Dims& shape, const Dims& strides, size_t offset) {
  copy_view(a.ptr + offset, out->ptr, shape, wide(strides), compact_strides(shape));
}

void ewise_setitem(const Array& a, Array* out, const Dims& shape, const Dims& strides, size_t offset) {
  copy_view(a.ptr, out->ptr + offset, shape, compact_strides(shape), wide(strides));
}

void scalar_setitem(size_t, float val, Array* out, const Dims& shape, const Dims& strides, size_t offset) {
  copy_view(&val, out->ptr + offset, shape, Strides(shape.size(), 0), wide(strides));
}

template <Binary op>
void binary(const Array& a, const Array& b, Array* out) {
  kernels().binary(op, a.ptr, b.ptr, out->ptr, out->size);
}

template <Binary op>
void scalar(const Array& a, float val, Array* out) {
  kernels().scalar(op, a.ptr, val, out->ptr, out->size);
}

template <Unary op>
void unary(const Array& a, Array* out) {
  kernels().unary(op, a.ptr, out->ptr, out->size);
}

template <Reduction op>
void reduce_rows(const Array& a, Array* out, size_t length) {
  kernels().reduce(op, a.ptr, out->ptr, out->size, length, 1);
}

void matmul(const Array& a, const Array& b, Array* out, size_t m, size_t n, size_t p) {
  const Product product = {m, n, p, static_cast<ptrdiff_t>(n), 1, static_cast<ptrdiff_t>(p), 1};
  const Array scratch(kernels().scratch_floats(product));
  kernels().matmul(product, a.ptr, b.ptr, out->ptr, scratch.ptr);
}

void matmul_tiled(const Array& a, const Array& b, Array* out, size_t m, size_t n, size_t p) {
  kernels().matmul_tiled(a.ptr, b.ptr, out->ptr, m, n, p);
}

template <Reduction op>
void reduce_axis(const Array& a, Array& out, size_t outer, size_t reduced, size_t inner, const char* name) {
  const size_t most = needle::kMostElements;
  if ((inner > 0 && outer > most / inner) || (reduced > 0 && outer * inner > most / reduced)) {
    throw py::value_error(std::string(name) + ": outer * reduced * inner is more than memory could hold");
  }
  needle::checks::size(name, "a", a.size, outer * reduced * inner, "outer * reduced * inner");
  needle::checks::size(name, "out", out.size, outer * inner, "outer * inner");
  needle::checks::apart(name, a, out);
  if (op == Reduction::max && reduced == 0 && out.size > 0) {
    throw py::value_error(std::string(name) + ": reduced must be at least 1: no elements have none");
  }
  const py::gil_scoped_release unlocked;
  kernels().reduce(op, a.ptr, out.ptr, outer, reduced, inner);
}

void list_reductions_over_any_axis(py::module_& module) {
  const char* doc =
      "out (outer, inner) from a (outer, reduced, inner), both compact: a reduction over any axis without a transpose.";
  const auto arguments = [](auto&& define) {
    define(py::arg("a"), py::arg("out"), py::arg("outer"), py::arg("reduced"), py::arg("inner"));
  };
  arguments([&](auto... names) {
    module.def(
        "reduce_sum_axis",
        [](const Array& a, Array& out, size_t outer, size_t reduced, size_t inner) {
          reduce_axis<Reduction::sum>(a, out, outer, reduced, inner, "reduce_sum_axis");
        },
        names..., doc);
    module.def(
        "reduce_max_axis",
        [](const Array& a, Array& out, size_t outer, size_t reduced, size_t inner) {
          reduce_axis<Reduction::max>(a, out, outer, reduced, inner, "reduce_max_axis");
        },
        names..., doc);
  });
}

void list_settings(py::module_& module) {
  module.def("threads", &threads, "The threads that kernels may use.");
  module.def("set_threads", &set_threads, py::arg("count"), "Without OpenMP there is one thread whatever count is.");
  module.def("isa", [] { return std::string(kernels().isa); }, "The instruction set in use.");
  module.def(
      "isas",
      [] {
        std::vector<std::string> names;
        for (const Kernels* table : available_kernels()) {
          names.emplace_back(table->isa);
        }
        return names;
      },
      "The instruction sets that this machine has, the best one last.");
  module.def("set_isa", &set_isa, py::arg("isa"), "For tests and measurements; not while kernels run.");
}

void list_memory(py::module_& module) {
  module.def(
      "memory_stats",
      [] {
        const MemoryStatistics now = memory_statistics();
        py::dict result;
        result["live_bytes"] = now.live_bytes;
        result["peak_bytes"] = now.peak_bytes;
        result["cached_bytes"] = now.cached_bytes;
        result["limit_bytes"] = now.limit_bytes;
        result["allocations"] = now.allocations;
        result["reused"] = now.reused;
        return result;
      },
      "Bytes in arrays now and at their peak, bytes kept for later and their limit; allocations, and those that took "
      "kept memory.");
  module.def("reset_peak", &reset_peak, "The peak starts again from what is live now.");
  module.def("empty_cache", &empty_cache, "Gives all kept memory back to the system.");
  module.def("set_cache_limit", &set_cache_limit, py::arg("bytes"), "Keeps at most so many bytes; 0 keeps nothing.");
}

void list_limits(py::module_& module) {
  module.def(
      "fma_loop",
      [](size_t iterations) {
        const py::gil_scoped_release unlocked;
        return kernels().fma_loop(iterations);
      },
      py::arg("iterations"), "Multiply-adds in registers only, on all threads; returns the floating-point operations.");
  module.def(
      "triad",
      [](const Array& a, const Array& b, float val, Array& out, bool streaming) {
        needle::checks::size("triad", "b", b.size, a.size, "as a");
        needle::checks::size("triad", "out", out.size, a.size, "as a");
        const py::gil_scoped_release unlocked;
        kernels().triad(a.ptr, b.ptr, val, out.ptr, a.size, streaming);
      },
      py::arg("a"), py::arg("b"), py::arg("val"), py::arg("out"), py::arg("streaming"),
      "out[i] = a[i] + val * b[i]; streaming: with stores that pass the caches by.");
}

}  // namespace

PYBIND11_MODULE(ndarray_backend_fast, module) {
  module.doc() = "needle's arrays on the CPU: flat float32 memory and the library's own kernels";
  kernels();  // a wrong NEEDLE_ISA is said here, on import
  needle::NativeModule<Array> native(module, "cpu", kTile);

  native.to_numpy(host);
  native.from_numpy([](const float* values, Array* out) { copy_flat(values, out->ptr, out->size); });
  native.fill([](Array* out, float val) { kernels().fill(out->ptr, val, out->size); });
  native.compact(compact);
  native.ewise_setitem(ewise_setitem, [](const Array& from, Array* to) { copy_flat(from.ptr, to->ptr, from.size); });
  native.scalar_setitem(scalar_setitem);

  native.binary("ewise_add", binary<Binary::add>);
  native.scalar("scalar_add", scalar<Binary::add>);
  native.binary("ewise_mul", binary<Binary::mul>);
  native.scalar("scalar_mul", scalar<Binary::mul>);
  native.binary("ewise_div", binary<Binary::div>);
  native.scalar("scalar_div", scalar<Binary::div>);
  native.scalar("scalar_power",
                [](const Array& a, float val, Array* out) { kernels().power(a.ptr, val, out->ptr, out->size); });
  native.binary("ewise_maximum", binary<Binary::maximum>);
  native.scalar("scalar_maximum", scalar<Binary::maximum>);
  native.binary("ewise_eq", binary<Binary::eq>);
  native.scalar("scalar_eq", scalar<Binary::eq>);
  native.binary("ewise_ge", binary<Binary::ge>);
  native.scalar("scalar_ge", scalar<Binary::ge>);
  native.unary("ewise_log", unary<Unary::log>);
  native.unary("ewise_exp", unary<Unary::exp>);
  native.unary("ewise_tanh", unary<Unary::tanh>);

  native.matmul("matmul", matmul);
  native.matmul("matmul_tiled", matmul_tiled, kTile);
  native.reduction("reduce_max", reduce_rows<Reduction::max>, false);
  native.reduction("reduce_sum", reduce_rows<Reduction::sum>, true);

  list_reductions_over_any_axis(module);
  list_products(module);
  list_networks(module);
  list_settings(module);
  list_memory(module);
  list_limits(module);
}
