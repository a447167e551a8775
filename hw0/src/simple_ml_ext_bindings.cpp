// The Python module `simple_ml_ext`: checks what Python passes, then calls the kernel in `simple_ml_ext.cpp`.
//
// theta is changed in place, so it is never converted: a copy would take the update and be thrown away. It must be what
// the kernel needs, or the call is refused. X and y are only read: their type must be right, but if they do not lie
// row by row in memory (a slice, a transpose) the kernel reads a copy that does.

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <string>

#include "not_implemented.h"
#include "simple_ml_ext.h"

namespace py = pybind11;

namespace {

const std::string kName = "softmax_regression_epoch_cpp: ";

std::string text(const py::handle& object) { return py::str(object).cast<std::string>(); }

/// The argument as an array of numbers T with this many dimensions; an error says what came instead.
template <typename T>
py::array checked(const py::object& argument, const std::string& name, py::ssize_t ndim, const std::string& shape) {
  const std::string wanted = text(py::dtype::of<T>());
  if (!py::isinstance<py::array>(argument)) {
    const std::string type = text(py::type::handle_of(argument).attr("__name__"));
    throw py::type_error(kName + name + " must be a NumPy array of " + wanted + ", not " + type + ": pass np.array(" +
                         name + ", dtype=np." + wanted + ")");
  }
  auto array = py::reinterpret_borrow<py::array>(argument);
  if (!py::isinstance<py::array_t<T>>(argument)) {
    throw py::type_error(kName + name + " must have dtype " + wanted + ", not " + text(array.dtype()) +
                         ": create it as " + wanted + ", or convert it before with " + name + " = " + name +
                         ".astype(np." + wanted + ")");
  }
  if (array.ndim() != ndim) {
    throw py::value_error(kName + name + " must have shape " + shape + ", which has " + std::to_string(ndim) +
                          " dimension(s), not " + text(argument.attr("shape")) + ": reshape it");
  }
  return array;
}

/// Whether the array lies in memory as the kernel reads it: row by row, without gaps, at an address that fits its type.
bool plain(const py::array& array) {
  const py::object flags = array.attr("flags");
  return flags.attr("c_contiguous").cast<bool>() && flags.attr("aligned").cast<bool>();
}

/// The array itself if it is plain, else a plain copy: for arrays that are only read.
py::array readable(const py::array& array) { return plain(array) ? array : py::array(array.attr("copy")("C")); }

void check_shapes(const py::array& X, const py::array& y, const py::array& theta) {
  if (X.shape(0) != y.shape(0)) {
    throw py::value_error(kName + "X has " + std::to_string(X.shape(0)) + " rows, but y has " +
                          std::to_string(y.shape(0)) + " labels: pass one label for each row of X");
  }
  if (X.shape(1) != theta.shape(0)) {
    throw py::value_error(kName + "X has " + std::to_string(X.shape(1)) + " columns, but theta has " +
                          std::to_string(theta.shape(0)) + " rows: pass one row of theta for each column of X");
  }
}

void check_updatable(const py::array& theta) {
  if (!theta.writeable()) {
    throw py::value_error(kName +
                          "theta must be writable, but it is read-only: pass a copy that you own, theta.copy()");
  }
  if (!plain(theta)) {
    throw py::value_error(kName + "theta must be C-contiguous (row by row, without gaps), but its shape is " +
                          text(theta.attr("shape")) + " and its strides are " + text(theta.attr("strides")) +
                          " bytes: a copy would lose the update, so make one yourself first, with "
                          "theta = np.ascontiguousarray(theta)");
  }
}

void check_labels(const py::array& y, py::ssize_t classes) {
  const auto* labels = static_cast<const unsigned char*>(y.data());
  const auto* largest = std::max_element(labels, labels + y.size());
  if (y.size() > 0 && *largest >= classes) {
    throw py::value_error(kName + "y holds the label " + std::to_string(*largest) + ", but theta has " +
                          std::to_string(classes) + " columns, one for each class: labels must be below " +
                          std::to_string(classes));
  }
}

void epoch(const py::object& X, const py::object& y, const py::object& theta, float lr, py::ssize_t batch) {
  py::array inputs = checked<float>(X, "X", 2, "(m, n)");
  py::array labels = checked<unsigned char>(y, "y", 1, "(m,)");
  py::array parameters = checked<float>(theta, "theta", 2, "(n, k)");
  check_shapes(inputs, labels, parameters);
  check_updatable(parameters);
  if (batch < 1) {
    throw py::value_error(kName + "batch must be at least 1, not " + std::to_string(batch));
  }
  inputs = readable(inputs);
  labels = readable(labels);
  check_labels(labels, parameters.shape(1));
  softmax_regression_epoch_cpp(
      static_cast<const float*>(inputs.data()), static_cast<const unsigned char*>(labels.data()),
      static_cast<float*>(parameters.mutable_data()), static_cast<size_t>(inputs.shape(0)),
      static_cast<size_t>(inputs.shape(1)), static_cast<size_t>(parameters.shape(1)), lr, static_cast<size_t>(batch));
}

}  // namespace

PYBIND11_MODULE(simple_ml_ext, module) {
  module.doc() = "hw0: softmax regression in C++";
  py::register_local_exception_translator([](std::exception_ptr pending) {
    try {
      if (pending) {
        std::rethrow_exception(pending);
      }
    } catch (const needle::NotImplemented& error) {
      PyErr_SetString(PyExc_NotImplementedError, error.what());
    }
  });
  module.def("softmax_regression_epoch_cpp", &epoch, py::arg("X"), py::arg("y"), py::arg("theta"), py::arg("lr") = 0.1f,
             py::arg("batch") = 100,
             "One epoch of SGD for softmax regression, in place on theta.\n\n"
             "X: float32 (m, n); y: uint8 (m,), labels below k; theta: float32 (n, k), C-contiguous and writable;\n"
             "lr: the step size; batch: examples in a minibatch, at least 1.\n"
             "Raises TypeError for a wrong type or dtype, ValueError for a wrong shape, layout, label or batch.");
}
