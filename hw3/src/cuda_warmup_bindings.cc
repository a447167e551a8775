// The Python modules `cuda_warmup` and, compiled for the CPU, `cuda_warmup_emulated`: checks what Python passes, takes
// it to the GPU, calls a function of `cuda_warmup.cu`, and brings the result back.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "cuda_device.h"
#include "cuda_traffic_bindings.h"
#include "cuda_warmup.h"
#include "not_implemented.h"

#ifndef NEEDLE_CUDA_EMULATED
#define NEEDLE_CUDA_EMULATED 0
#endif

namespace py = pybind11;

namespace {

using needle::cuda::Check;
using needle::cuda::CheckLaunch;
using needle::cuda::CudaArray;

constexpr py::ssize_t kMostElements = 1 << 30, kMostRows = 1 << 20;

std::string text(const py::handle& object) { return py::str(object).cast<std::string>(); }

std::string shape_of(const py::array& array) { return text(array.attr("shape")); }

/// A NumPy array of float32 with so many axes, row by row in memory; where it lies otherwise, a copy. `where` begins
/// every error: "transpose: a".
py::array_t<float> checked(const py::object& argument, const std::string& where, int axes) {
  if (!py::isinstance<py::array>(argument)) {
    throw py::type_error(where + " must be a NumPy array of float32, not " +
                         text(py::type::handle_of(argument).attr("__name__")));
  }
  const auto array = py::reinterpret_borrow<py::array>(argument);
  if (!py::isinstance<py::array_t<float>>(array)) {
    throw py::type_error(where + " must be a NumPy array of float32, but its dtype is " + text(array.dtype()) +
                         ": convert it before, with .astype(np.float32)");
  }
  if (array.ndim() != axes) {
    throw py::value_error(where + " must have " + (axes == 1 ? "one axis" : "two axes") + ", but its shape is " +
                          shape_of(array));
  }
  if (array.size() > kMostElements) {
    throw py::value_error(where + " must have at most 2^30 elements, but its shape is " + shape_of(array));
  }
  for (int axis = 0; axes == 2 && axis < axes; ++axis) {
    if (array.shape(axis) > kMostRows) {
      throw py::value_error(where + " must have at most 2^20 rows and columns, but its shape is " + shape_of(array));
    }
  }
  return py::array_t<float, py::array::c_style | py::array::forcecast>(array);
}

int size_of(const py::array& array, int axis) { return static_cast<int>(array.shape(axis)); }

/// A new array of this shape. Raises ValueError: if it would have too many elements.
py::array_t<float> result(const char* name, const std::vector<py::ssize_t>& shape) {
  if (shape.size() == 2 && shape[0] > 0 && shape[1] > kMostElements / shape[0]) {
    throw py::value_error(std::string(name) + ": the result would have more than 2^30 elements: (" +
                          std::to_string(shape[0]) + ", " + std::to_string(shape[1]) + ")");
  }
  return py::array_t<float>(shape);
}

/// Calls `launch` with copies of the inputs on the GPU and memory for the output, and copies that back, all while other
/// threads of Python may run. New memory on the GPU is NaN, so what a kernel forgets to write is NaN in the output.
template <typename Launch>
void run(const char* name, const std::vector<py::array_t<float>>& inputs, py::array_t<float>* output, Launch launch) {
  std::vector<const float*> sources;
  std::vector<size_t> sizes;
  for (const auto& input : inputs) {
    sources.push_back(input.data());
    sizes.push_back(static_cast<size_t>(input.size()));
  }
  float* const target = output->mutable_data();
  const auto size = static_cast<size_t>(output->size());
  const py::gil_scoped_release released;
  // A function with one input is given the same twice, and takes the first.
  const CudaArray first(sizes.front()), second(inputs.size() > 1 ? sizes.back() : 0), out(size);
  Check(cudaMemcpy(first.ptr, sources.front(), sizes.front() * sizeof(float), cudaMemcpyHostToDevice), name);
  if (inputs.size() > 1) {
    Check(cudaMemcpy(second.ptr, sources.back(), sizes.back() * sizeof(float), cudaMemcpyHostToDevice), name);
  }
  launch(first.ptr, second.ptr, out.ptr);
  CheckLaunch(name);
  Check(cudaMemcpy(target, out.ptr, size * sizeof(float), cudaMemcpyDeviceToHost), name);
}

py::array_t<float> vector_add(const py::object& a, const py::object& b) {
  const auto one = checked(a, "vector_add: a", 1), other = checked(b, "vector_add: b", 1);
  if (one.shape(0) != other.shape(0)) {
    throw py::value_error("vector_add: a and b must be equally long, but their shapes are " + shape_of(one) + " and " +
                          shape_of(other));
  }
  auto sum = result("vector_add", {one.shape(0)});
  if (sum.size() > 0) {
    run("vector_add", {one, other}, &sum,
        [n = size_of(one, 0)](const float* a, const float* b, float* out) { VectorAdd(a, b, out, n); });
  }
  return sum;
}

using OfVector = void (*)(const float*, float*, int);
using OfMatrix = void (*)(const float*, float*, int, int);

py::array_t<float> windows_by(OfVector function, const char* name, const py::object& a) {
  const std::string prefix(name);
  const auto array = checked(a, prefix + ": a", 1);
  if (array.size() < kWindow - 1) {
    throw py::value_error(prefix + ": a must have at least " + std::to_string(kWindow - 1) + " elements, n + " +
                          std::to_string(kWindow - 1) + " for n windows, but its shape is " + shape_of(array));
  }
  auto sums = result(name, {array.size() - (kWindow - 1)});
  if (sums.size() > 0) {
    run(name, {array}, &sums,
        [function, n = size_of(sums, 0)](const float* a, const float*, float* out) { function(a, out, n); });
  }
  return sums;
}

py::array_t<float> row_sum(const py::object& a, int threads) {
  const auto array = checked(a, "row_sum: a", 2);
  if (threads < 1 || threads > kMostThreads) {
    throw py::value_error("row_sum: threads must be from 1 to " + std::to_string(kMostThreads) + ", not " +
                          std::to_string(threads));
  }
  auto sums = result("row_sum", {array.shape(0)});
  if (array.size() > 0) {
    run("row_sum", {array}, &sums,
        [rows = size_of(array, 0), columns = size_of(array, 1), threads](const float* a, const float*, float* out) {
          RowSum(a, out, rows, columns, threads);
        });
  } else {
    sums[py::ellipsis()] = 0;  // sums of nothing
  }
  return sums;
}

py::array_t<float> transpose_by(OfMatrix function, const char* name, const py::object& a) {
  const auto array = checked(a, std::string(name) + ": a", 2);
  auto turned = result(name, {array.shape(1), array.shape(0)});
  if (turned.size() > 0) {
    run(name, {array}, &turned,
        [function, rows = size_of(array, 0), columns = size_of(array, 1)](const float* a, const float*, float* out) {
          function(a, out, rows, columns);
        });
  }
  return turned;
}

py::array_t<float> matmul(const py::object& a, const py::object& b) {
  const auto left = checked(a, "matmul: a", 2), right = checked(b, "matmul: b", 2);
  if (left.shape(1) != right.shape(0)) {
    throw py::value_error("matmul: a must have as many columns as b has rows, but their shapes are " + shape_of(left) +
                          " and " + shape_of(right));
  }
  auto product = result("matmul", {left.shape(0), right.shape(1)});
  if (product.size() > 0 && left.size() > 0) {
    run("matmul", {left, right}, &product,
        [M = size_of(left, 0), N = size_of(left, 1), P = size_of(right, 1)](
            const float* a, const float* b, float* out) { MatmulTiled(a, b, out, M, N, P); });
  } else {
    product[py::ellipsis()] = 0;  // sums of nothing
  }
  return product;
}

}  // namespace

PYBIND11_MODULE(NEEDLE_CUDA_MODULE, module) {
  module.doc() =
      "hw3: the warm-up's kernels, from NumPy arrays of float32 to a new one.\n\n"
      "Each raises TypeError for another type, ValueError for shapes that do not fit, RuntimeError for a kernel that\n"
      "fails, and NotImplementedError for one that is not written yet.";
  py::register_local_exception_translator([](std::exception_ptr pending) {
    try {
      if (pending) {
        std::rethrow_exception(pending);
      }
    } catch (const needle::NotImplemented& error) {
      PyErr_SetString(PyExc_NotImplementedError, error.what());
    }
  });
  module.def(
      "enabled", [] { return needle::cuda::WhyDisabled().empty(); }, "Whether there is a GPU to run kernels on.");
  module.def("reason", &needle::cuda::WhyDisabled, "Why enabled() is False; empty if it is True.");
  module.attr("__emulated__") = NEEDLE_CUDA_EMULATED != 0;
  needle::offer_traffic(module);
  module.attr("THREADS") = kThreads;
  module.attr("MOST_THREADS") = kMostThreads;
  module.attr("WINDOW") = kWindow;
  module.attr("TILE") = kTile;
  module.def("vector_add", &vector_add, py::arg("a"), py::arg("b"), "a + b, both (n,)");
  module.def(
      "window_sum", [](const py::object& a) { return windows_by(WindowSum, "window_sum", a); }, py::arg("a"),
      "Sums of WINDOW neighbours: (n + WINDOW - 1,) to (n,), whose element i is a[i] + ... + a[i + WINDOW - 1]");
  module.def("row_sum", &row_sum, py::arg("a"), py::arg("threads") = kThreads,
             "a.sum(axis=1), (rows, columns) to (rows,), by blocks of `threads` threads, 1 to MOST_THREADS");
  module.def(
      "transpose", [](const py::object& a) { return transpose_by(Transpose, "transpose", a); }, py::arg("a"),
      "a.T, (rows, columns) to (columns, rows)");
  module.def(
      "window_sum_naive", [](const py::object& a) { return windows_by(WindowSumNaive, "window_sum_naive", a); },
      py::arg("a"), "window_sum without shared memory, which is given");
  module.def(
      "transpose_naive", [](const py::object& a) { return transpose_by(TransposeNaive, "transpose_naive", a); },
      py::arg("a"), "transpose without shared memory, which is given");
  module.def("matmul", &matmul, py::arg("a"), py::arg("b"), "a @ b, (M, N) and (N, P) to (M, P)");
}
