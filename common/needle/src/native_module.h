// What every native module offers to Python, written once for all devices: names, checks, errors. A device's bindings
// list their kernels (ndarray_backend_cpu_bindings.cc shows how); kernels are called with arguments that fit.
//
// Python is the boundary: a wrong call becomes a Python exception that says what was expected and what came, whatever
// the arguments are, and never reaches memory that is not the array's. Kernels run without Python's global lock, and
// only if there is an element to write.

#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <limits>
#include <new>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include "native_array.h"
#include "not_implemented.h"

namespace needle {

namespace py = pybind11;

/// The most elements that memory could hold: their bytes can be counted with a sign.
constexpr size_t kMostElements = PTRDIFF_MAX / sizeof(float);

/// A strided view of flat memory: shape and strides in elements, as checked as its elements.
struct View {
  std::vector<int32_t> shape;
  std::vector<int32_t> strides;
  size_t offset;
  size_t elements;
};

namespace checks {

inline std::string type_name(const py::handle& object) {
  return py::str(py::type::handle_of(object).attr("__name__")).cast<std::string>();
}

inline std::string text(const std::vector<int32_t>& values) {
  std::string list;
  for (const int32_t value : values) {
    list += (list.empty() ? "" : ", ") + std::to_string(value);
  }
  return "(" + list + (values.size() == 1 ? ",)" : ")");
}

/// Raises TypeError: if the argument is no integer; ValueError: if it is below `least` or above `most`.
inline int64_t integer(const char* function, const std::string& argument, const py::handle& object, int64_t least,
                       int64_t most) {
  const auto index = py::reinterpret_steal<py::object>(PyNumber_Index(object.ptr()));
  if (!index) {
    PyErr_Clear();
    throw py::type_error(std::string(function) + ": " + argument + " must be an integer, not " + type_name(object));
  }
  int overflow = 0;
  const int64_t value = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
  if (overflow != 0 || value < least || value > most) {
    throw py::value_error(std::string(function) + ": " + argument + " must lie between " + std::to_string(least) +
                          " and " + std::to_string(most) + ", not " + py::str(index).cast<std::string>());
  }
  return value;
}

inline size_t count(const char* function, const char* argument, const py::handle& object,
                    int64_t most = std::numeric_limits<int64_t>::max()) {
  return static_cast<size_t>(integer(function, argument, object, 0, most));
}

inline std::vector<int32_t> integers(const char* function, const char* argument, const py::handle& object,
                                     int64_t least) {
  const auto sequence = py::reinterpret_steal<py::object>(PySequence_Fast(object.ptr(), ""));
  if (!sequence) {
    PyErr_Clear();
    throw py::type_error(std::string(function) + ": " + argument + " must be a sequence of integers, not " +
                         type_name(object));
  }
  const Py_ssize_t length = PySequence_Fast_GET_SIZE(sequence.ptr());
  std::vector<int32_t> values;
  values.reserve(static_cast<size_t>(length));
  // The length is asked for anew: an element's __index__ may change the list.
  for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence.ptr()); ++i) {
    const auto item = py::reinterpret_borrow<py::object>(PySequence_Fast_GET_ITEM(sequence.ptr(), i));
    int overflow = 0;
    const bool plain = PyLong_CheckExact(item.ptr());
    const int64_t value = plain ? PyLong_AsLongLongAndOverflow(item.ptr(), &overflow) : 0;
    if (plain && overflow == 0 && value >= least && value <= INT32_MAX) {
      values.push_back(static_cast<int32_t>(value));  // the common case, in which no text is put together
    } else {
      const std::string name = std::string(argument) + "[" + std::to_string(i) + "]";
      values.push_back(static_cast<int32_t>(integer(function, name, item, least, INT32_MAX)));
    }
  }
  return values;
}

inline size_t element_count(const char* function, const std::vector<int32_t>& shape) {
  size_t elements = 1;
  for (const int32_t dim : shape) {
    if (dim == 0) {
      return 0;
    }
  }
  for (const int32_t dim : shape) {
    if (elements > kMostElements / static_cast<size_t>(dim)) {
      throw py::value_error(std::string(function) + ": shape " + text(shape) + " has more than " +
                            std::to_string(kMostElements) + " elements");
    }
    elements *= static_cast<size_t>(dim);
  }
  return elements;
}

/// The view that the arguments describe. Raises ValueError: if an element of it is not one of the `size` in memory.
inline View view(const char* function, const char* array, size_t size, const py::handle& shape,
                 const py::handle& strides, const py::handle& offset) {
  View view = {integers(function, "shape", shape, 0), integers(function, "strides", strides, INT32_MIN),
               count(function, "offset", offset), 0};
  if (view.shape.size() != view.strides.size()) {
    throw py::value_error(std::string(function) + ": shape " + text(view.shape) + " and strides " + text(view.strides) +
                          " must be equally long");
  }
  view.elements = element_count(function, view.shape);
  if (view.elements == 0) {
    return view;
  }
  // The lowest and the highest position. Both are compared at every step: a step is below 2^62, so none overflows.
  bool inside = view.offset < size;
  auto lowest = static_cast<int64_t>(view.offset), highest = lowest;
  for (size_t axis = 0; inside && axis < view.shape.size(); ++axis) {
    const int64_t reach = static_cast<int64_t>(view.shape[axis] - 1) * view.strides[axis];
    (reach < 0 ? lowest : highest) += reach;
    inside = lowest >= 0 && highest < static_cast<int64_t>(size);
  }
  if (!inside) {
    throw py::value_error(std::string(function) + ": a view of shape " + text(view.shape) + ", strides " +
                          text(view.strides) + " and offset " + std::to_string(view.offset) + " leaves " + array +
                          ", which has " + std::to_string(size) + " elements");
  }
  return view;
}

/// Raises ValueError: if an array's size is not the one that the other arguments ask for.
inline void size(const char* function, const char* array, size_t size, size_t wanted, const std::string& because) {
  if (size != wanted) {
    throw py::value_error(std::string(function) + ": " + array + " must have " + std::to_string(wanted) +
                          " elements, " + because + ", not " + std::to_string(size));
  }
}

template <typename Array>
void apart(const char* function, const Array& input, const Array& out) {
  if (&input == &out) {
    throw py::value_error(std::string(function) + ": out must be another array than those it is computed from");
  }
}

}  // namespace checks

/// Lists a device's kernels in its module.
///
/// Array: made from a number of elements, throwing std::bad_alloc if they cannot be had; members `ptr`, its memory, and
/// `size`, in elements. Kernels may throw std::bad_alloc and NotImplemented, besides what pybind11 knows.
template <typename Array>
class NativeModule {
 public:
  NativeModule(py::module_& module, const char* device, size_t tile) : module_(module) {
    module.attr("__device_name__") = device;
    module.attr("__tile_size__") = tile;
    py::register_local_exception_translator([](std::exception_ptr pending) {
      try {
        if (pending) {
          std::rethrow_exception(pending);
        }
      } catch (const NotImplemented& error) {
        PyErr_SetString(PyExc_NotImplementedError, error.what());
      }
    });
    ArrayObject<Array>::list(module, &make);
  }

  /// host(const Array&): something whose get() points to the elements in the CPU's memory.
  template <typename Host>
  void to_numpy(Host host) {
    module_.def(
        "to_numpy",
        [host](const Array& a, const py::object& shape, const py::object& strides, const py::object& offset) {
          const View view = checks::view("to_numpy", "a", a.size, shape, strides, offset);
          std::vector<py::ssize_t> dims(view.shape.begin(), view.shape.end());
          std::vector<py::ssize_t> bytes;
          for (const int32_t stride : view.strides) {
            bytes.push_back(static_cast<py::ssize_t>(stride) * static_cast<py::ssize_t>(sizeof(float)));
          }
          if (view.elements == 0) {
            return py::object(py::array_t<float>(dims));
          }
          const auto memory = host(a);
          // None as its owner makes NumPy read this memory instead of a copy; `copy` is then the only one.
          const py::array_t<float> seen(dims, bytes, memory.get() + view.offset, py::none());
          return py::object(seen.attr("copy")("C"));
        },
        py::arg("a"), py::arg("shape"), py::arg("strides"), py::arg("offset"),
        "The view of a as a NumPy array of its own, row by row in memory.");
  }

  /// load(const float* values, Array* out): copies out->size values from the CPU's memory.
  template <typename Load>
  void from_numpy(Load load) {
    module_.def(
        "from_numpy",
        [load](const py::array& values, Array& out) {
          if (values.dtype().kind() == 'c') {
            throw py::type_error("from_numpy: complex numbers do not fit float32: pass their real part");
          }
          const py::array_t<float, py::array::c_style | py::array::forcecast> plain(values);
          checks::size("from_numpy", "out", out.size, static_cast<size_t>(plain.size()), "as the NumPy array");
          const float* data = plain.data();
          unlocked(out.size, [&] { load(data, &out); });
        },
        py::arg("a"), py::arg("out"), "Copies a NumPy array, row by row and as float32, to out, which has its size.");
  }

  template <typename Kernel>
  void fill(Kernel kernel) {
    module_.def(
        "fill", [kernel](Array& out, float val) { unlocked(out.size, [&] { kernel(&out, val); }); }, py::arg("out"),
        py::arg("val"), "out[i] = val");
  }

  template <typename Kernel>
  void compact(Kernel kernel) {
    module_.def(
        "compact",
        [kernel](const Array& a, Array& out, const py::object& shape, const py::object& strides,
                 const py::object& offset) {
          View view = checks::view("compact", "a", a.size, shape, strides, offset);
          checks::size("compact", "out", out.size, view.elements, "as the shape");
          checks::apart("compact", a, out);
          unlocked(out.size, [&] { kernel(a, &out, std::move(view.shape), std::move(view.strides), view.offset); });
        },
        py::arg("a"), py::arg("out"), py::arg("shape"), py::arg("strides"), py::arg("offset"),
        "Copies the view of a to out, row by row.");
  }

  /// copy(const Array& from, Array* to): all elements; needed where an array is copied to a view of itself.
  template <typename Kernel, typename Copy>
  void ewise_setitem(Kernel kernel, Copy copy) {
    module_.def(
        "ewise_setitem",
        [kernel, copy](const Array& a, Array& out, const py::object& shape, const py::object& strides,
                       const py::object& offset) {
          View view = checks::view("ewise_setitem", "out", out.size, shape, strides, offset);
          checks::size("ewise_setitem", "a", a.size, view.elements, "as the shape");
          unlocked(a.size, [&] {
            if (&a != &out) {
              kernel(a, &out, std::move(view.shape), std::move(view.strides), view.offset);
              return;
            }
            Array before(a.size);  // an element may be written before it is read
            copy(a, &before);
            kernel(before, &out, std::move(view.shape), std::move(view.strides), view.offset);
          });
        },
        py::arg("a"), py::arg("out"), py::arg("shape"), py::arg("strides"), py::arg("offset"),
        "Copies a, row by row, to the view of out.");
  }

  template <typename Kernel>
  void scalar_setitem(Kernel kernel) {
    module_.def(
        "scalar_setitem",
        [kernel](const py::object& size, float val, Array& out, const py::object& shape, const py::object& strides,
                 const py::object& offset) {
          View view = checks::view("scalar_setitem", "out", out.size, shape, strides, offset);
          const size_t elements = checks::count("scalar_setitem", "size", size);
          if (elements != view.elements) {
            throw py::value_error("scalar_setitem: size must be " + std::to_string(view.elements) +
                                  ", the elements of shape " + checks::text(view.shape) + ", not " +
                                  std::to_string(elements));
          }
          unlocked(elements,
                   [&] { kernel(elements, val, &out, std::move(view.shape), std::move(view.strides), view.offset); });
        },
        py::arg("size"), py::arg("val"), py::arg("out"), py::arg("shape"), py::arg("strides"), py::arg("offset"),
        "Sets the `size` elements of the view of out to val.");
  }

  template <typename Kernel>
  void binary(const char* name, Kernel kernel) {
    module_.def(
        name,
        [name, kernel](const Array& a, const Array& b, Array& out) {
          checks::size(name, "b", b.size, a.size, "as a");
          checks::size(name, "out", out.size, a.size, "as a");
          elementwise(out.size, [&] { kernel(a, b, &out); });
        },
        py::arg("a"), py::arg("b"), py::arg("out"), "Element by element; out may be a or b.");
  }

  template <typename Kernel>
  void scalar(const char* name, Kernel kernel) {
    module_.def(
        name,
        [name, kernel](const Array& a, float val, Array& out) {
          checks::size(name, "out", out.size, a.size, "as a");
          elementwise(out.size, [&] { kernel(a, val, &out); });
        },
        py::arg("a"), py::arg("val"), py::arg("out"), "Each element with val; out may be a.");
  }

  template <typename Kernel>
  void unary(const char* name, Kernel kernel) {
    module_.def(
        name,
        [name, kernel](const Array& a, Array& out) {
          checks::size(name, "out", out.size, a.size, "as a");
          elementwise(out.size, [&] { kernel(a, &out); });
        },
        py::arg("a"), py::arg("out"), "Each element; out may be a.");
  }

  /// tile: what m, n and p must be multiples of, 1 for anything.
  template <typename Kernel>
  void matmul(const char* name, Kernel kernel, size_t tile = 1) {
    module_.def(
        name,
        [name, kernel, tile](const Array& a, const Array& b, Array& out, const py::object& m, const py::object& n,
                             const py::object& p) {
          const size_t sizes[3] = {checks::count(name, "m", m, UINT32_MAX), checks::count(name, "n", n, UINT32_MAX),
                                   checks::count(name, "p", p, UINT32_MAX)};
          for (int i = 0; i < 3; ++i) {
            if (sizes[i] % tile != 0) {
              throw py::value_error(std::string(name) + ": " + "mnp"[i] + " must be a multiple of the tile size " +
                                    std::to_string(tile) + ", not " + std::to_string(sizes[i]));
            }
          }
          checks::size(name, "a", a.size, sizes[0] * sizes[1], "m * n");
          checks::size(name, "b", b.size, sizes[1] * sizes[2], "n * p");
          checks::size(name, "out", out.size, sizes[0] * sizes[2], "m * p");
          checks::apart(name, a, out);
          checks::apart(name, b, out);
          unlocked(out.size, [&] {
            kernel(a, b, &out, static_cast<uint32_t>(sizes[0]), static_cast<uint32_t>(sizes[1]),
                   static_cast<uint32_t>(sizes[2]));
          });
        },
        py::arg("a"), py::arg("b"), py::arg("out"), py::arg("m"), py::arg("n"), py::arg("p"),
        tile == 1 ? "out (m, p) = a (m, n) @ b (n, p), all row by row."
                  : "out = a @ b in tiles: a is [m/T][n/T][T][T], b [n/T][p/T][T][T], out [m/T][p/T][T][T].");
  }

  /// nothing: whether the reduction of no elements has a value.
  template <typename Kernel>
  void reduction(const char* name, Kernel kernel, bool nothing) {
    module_.def(
        name,
        [name, kernel, nothing](const Array& a, Array& out, const py::object& reduce_size) {
          const size_t length = checks::count(name, "reduce_size", reduce_size);
          if (length > 0 && out.size > kMostElements / length) {
            throw py::value_error(std::string(name) +
                                  ": a must have out.size * reduce_size = " + std::to_string(out.size) + " * " +
                                  std::to_string(length) + " elements, not " + std::to_string(a.size));
          }
          checks::size(name, "a", a.size, out.size * length, "out.size * reduce_size");
          if (length == 0 && out.size > 0 && !nothing) {
            throw py::value_error(std::string(name) + ": reduce_size must be at least 1: no elements have none");
          }
          checks::apart(name, a, out);
          unlocked(out.size, [&] { kernel(a, &out, length); });
        },
        py::arg("a"), py::arg("out"), py::arg("reduce_size"),
        "Reduces each `reduce_size` neighbouring elements of a to one of out.");
  }

 private:
  py::module_& module_;

  static void make(void* place, const py::handle& size) {
    const size_t elements = checks::count("Array", "size", size);
    try {
      new (place) Array(elements);
    } catch (const std::bad_alloc& error) {
      if (typeid(error) != typeid(std::bad_alloc)) {
        throw;  // its own words are better
      }
      PyErr_Format(PyExc_MemoryError, "Array: no memory for %zu float32 elements", elements);
      throw py::error_already_set();
    }
  }

  /// As `unlocked`, for kernels that take a few nanoseconds an element: to let other threads go on for less than a
  /// microsecond takes longer than it does them good.
  template <typename Kernel>
  static void elementwise(size_t elements, Kernel kernel) {
    if (elements > 0 && elements <= 256) {
      kernel();
    } else {
      unlocked(elements, kernel);
    }
  }

  /// Runs a kernel that writes so many elements while other Python threads go on. One that writes none is not run: it
  /// might look at a first element that is not there.
  template <typename Kernel>
  static void unlocked(size_t elements, Kernel kernel) {
    if (elements == 0) {
      return;
    }
    const py::gil_scoped_release released;
    kernel();
  }
};

}  // namespace needle
