// The Python module `matmul_ladder`: checks what Python passes, then calls a rung of `matmul_ladder.cc`.
//
// Matrices come by the buffer protocol: NumPy arrays, and `memoryview`s where there is no NumPy. None is ever copied,
// so that nothing but the rung itself takes time.

#include <pybind11/pybind11.h>

#include <cstdint>
#include <string>

#include "fresh_numbers.h"
#include "matmul_ladder.h"
#include "not_implemented.h"

namespace py = pybind11;

namespace {

using Rung = void (*)(const float* __restrict__, const float* __restrict__, float* __restrict__, size_t);

std::string text(const py::handle& object) { return py::str(object).cast<std::string>(); }

std::string shape_of(const py::buffer_info& info) {
  py::tuple shape(info.ndim);
  for (py::ssize_t axis = 0; axis < info.ndim; ++axis) {
    shape[axis] = info.shape[axis];
  }
  return text(shape);
}

/// The argument's memory, if it is a square matrix of float32, row by row; an error says what came instead.
py::buffer_info checked(const py::object& argument, const std::string& where) {
  if (!py::isinstance<py::buffer>(argument)) {
    const std::string type = text(py::type::handle_of(argument).attr("__name__"));
    throw py::type_error(where + " must be a matrix of float32, such as a NumPy array, not " + type);
  }
  py::buffer_info info = py::reinterpret_borrow<py::buffer>(argument).request();
  if (info.format != py::format_descriptor<float>::format()) {
    throw py::type_error(where + " must be float32 (format 'f'), but its format is '" + info.format +
                         "': convert it before, with .astype(np.float32)");
  }
  if (info.ndim != 2 || info.shape[0] != info.shape[1] || info.shape[0] < 1 ||
      static_cast<size_t>(info.shape[0]) % kMultiple != 0) {
    throw py::value_error(where + " must have shape (n, n) with n a multiple of " + std::to_string(kMultiple) +
                          ", not " + shape_of(info));
  }
  const py::ssize_t number = sizeof(float), row = number * info.shape[1];
  if (info.strides[0] != row || info.strides[1] != number) {
    throw py::value_error(where + " must lie row by row in memory, without gaps, but its strides are (" +
                          std::to_string(info.strides[0]) + ", " + std::to_string(info.strides[1]) +
                          ") bytes: pass a copy, as np.ascontiguousarray makes it");
  }
  if (reinterpret_cast<std::uintptr_t>(info.ptr) % alignof(float) != 0) {
    throw py::value_error(where + " must begin at a multiple of " + std::to_string(alignof(float)) +
                          " bytes: pass a copy");
  }
  return info;
}

bool overlap(const py::buffer_info& one, const py::buffer_info& other) {
  const auto begin = reinterpret_cast<std::uintptr_t>(one.ptr), start = reinterpret_cast<std::uintptr_t>(other.ptr);
  return begin < start + other.size * sizeof(float) && start < begin + one.size * sizeof(float);
}

template <Rung rung>
void define(py::module_& module, const char* name, const char* doc) {
  const std::string prefix = std::string(name) + ": ";
  module.def(
      name,
      [prefix](const py::object& a, const py::object& b, const py::object& out) {
        const py::buffer_info left = checked(a, prefix + "a"), right = checked(b, prefix + "b");
        const py::buffer_info product = checked(out, prefix + "out");
        if (product.readonly) {
          throw py::value_error(prefix + "out must be writable, but it is read-only");
        }
        if (left.shape[0] != right.shape[0] || left.shape[0] != product.shape[0]) {
          throw py::value_error(prefix + "a, b and out must have the same shape, but theirs are " + shape_of(left) +
                                ", " + shape_of(right) + " and " + shape_of(product));
        }
        if (overlap(product, left) || overlap(product, right)) {
          throw py::value_error(prefix + "out shares memory with a or b, which would change while they are read: " +
                                "pass another array");
        }
        const py::gil_scoped_release others_may_run;
        rung(static_cast<const float*>(left.ptr), static_cast<const float*>(right.ptr),
             static_cast<float*>(product.ptr), static_cast<size_t>(left.shape[0]));
      },
      py::arg("a"), py::arg("b"), py::arg("out"), doc);
}

}  // namespace

PYBIND11_MODULE(matmul_ladder, module) {
  module.doc() =
      "hw3: the matmul ladder, out = a @ b in four ways.\n\n"
      "a, b, out: float32 (n, n), contiguous, n a multiple of MULTIPLE; out is overwritten and overlaps neither.\n"
      "Each raises TypeError for a wrong type, ValueError for a wrong shape, layout or overlap.";
  py::register_local_exception_translator([](std::exception_ptr pending) {
    try {
      if (pending) {
        std::rethrow_exception(pending);
      }
    } catch (const needle::NotImplemented& error) {
      PyErr_SetString(PyExc_NotImplementedError, error.what());
    }
  });
  module.attr("MULTIPLE") = kMultiple;
  module.attr("LANES") = kLanes;
  module.attr("REGISTERS") = kRegisters;
  define<MatmulNaive>(module, "matmul_naive", "out = a @ b, element by element");
  define<MatmulRegisterTiled>(module, "matmul_register_tiled", "out = a @ b by tiles in registers");
  define<MatmulCacheTiled>(module, "matmul_cache_tiled", "out = a @ b by blocks in the cache");
  define<MatmulPacked>(module, "matmul_packed", "out = a @ b by tiles in registers, of packed blocks");
  module.def(
      "fill",
      [](const py::object& matrix, std::uint64_t seed) {
        const py::buffer_info info = checked(matrix, "fill: matrix");
        if (info.readonly) {
          throw py::value_error("fill: matrix must be writable, but it is read-only");
        }
        needle::fill_fresh(static_cast<float*>(info.ptr), static_cast<size_t>(info.size), seed);
      },
      py::arg("matrix"), py::arg("seed"),
      "Fill a float32 (n, n) matrix with multiples of 1/8 that follow from the seed, from 0 to 2**64 - 1: those that\n"
      "the judge times the rungs on.");
  module.def(
      "peak",
      [](double seconds) {
        if (!(seconds >= 0.0 && seconds <= 60.0)) {
          throw py::value_error("peak: seconds must be from 0 to 60, not " + std::to_string(seconds));
        }
        const py::gil_scoped_release others_may_run;
        return MachinePeak(seconds);
      },
      py::arg("seconds") = 0.1,
      "Floating-point operations a second that one core can do, measured for about so many seconds by multiply-adds\n"
      "in registers alone: what no matmul on one core exceeds.");
}
