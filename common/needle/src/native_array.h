// The Python class `Array` of a native module.
//
// An array is made and dropped at every operation, so its class is written against Python's own interface: what
// pybind11 does to make an object of any class takes longer than to add a thousand numbers.

#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <exception>
#include <new>

namespace needle {

/// Array: the C++ class; made by `make(place, size)`, which constructs one at `place` or throws; members `ptr`, `size`.
template <typename Array>
struct ArrayObject {
  PyObject_HEAD alignas(Array) unsigned char memory[sizeof(Array)];

  static inline PyTypeObject* type = nullptr;
  static inline void (*make)(void* place, const pybind11::handle& size) = nullptr;

  static Array& in(PyObject* object) {
    return *std::launder(reinterpret_cast<Array*>(reinterpret_cast<ArrayObject*>(object)->memory));
  }

  /// Makes the class and lists it in the module.
  static void list(pybind11::module_& module, void (*maker)(void* place, const pybind11::handle& size)) {
    static PyGetSetDef attributes[] = {{"size", [](PyObject* self, void*) { return PyLong_FromSize_t(in(self).size); },
                                        nullptr, "How many elements it has.", nullptr},
                                       {nullptr, nullptr, nullptr, nullptr, nullptr}};
    static PyMethodDef methods[] = {{"ptr",
                                     [](PyObject* self, PyObject*) {
                                       return PyLong_FromUnsignedLongLong(reinterpret_cast<uintptr_t>(in(self).ptr));
                                     },
                                     METH_NOARGS, "Where its memory is."},
                                    {nullptr, nullptr, 0, nullptr}};
    static const auto created = [](PyTypeObject*, PyObject* arguments, PyObject* keywords) -> PyObject* {
      const char* names[] = {"size", nullptr};
      PyObject* size = nullptr;
      return PyArg_ParseTupleAndKeywords(arguments, keywords, "O:Array", const_cast<char**>(names), &size)
                 ? construct(size)
                 : nullptr;
    };
    PyType_Slot slots[] = {
        {Py_tp_doc, const_cast<char*>("Array(size)\n--\n\nFlat memory for `size` float32 elements, not set yet.")},
        {Py_tp_new, reinterpret_cast<void*>(+created)},
        {Py_tp_dealloc, reinterpret_cast<void*>(&destroy)},
        {Py_tp_getset, attributes},
        {Py_tp_methods, methods},
        {0, nullptr}};
    const auto name = module.attr("__name__").cast<std::string>() + ".Array";
    static std::string kept;  // older Pythons point to the name
    kept = name;
    PyType_Spec spec = {kept.c_str(), sizeof(ArrayObject), 0, Py_TPFLAGS_DEFAULT, slots};
    type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    if (type == nullptr) {
      throw pybind11::error_already_set();
    }
    type->tp_vectorcall = &called;
    make = maker;
    module.attr("Array") = pybind11::handle(reinterpret_cast<PyObject*>(type));
  }

 private:
  /// The usual call, with one argument and no keyword, without a tuple for it.
  static PyObject* called(PyObject* self, PyObject* const* arguments, size_t flags, PyObject* keywords) {
    if (PyVectorcall_NARGS(flags) == 1 && (keywords == nullptr || PyTuple_GET_SIZE(keywords) == 0)) {
      return construct(arguments[0]);
    }
    const auto given = pybind11::reinterpret_steal<pybind11::object>(PyTuple_New(PyVectorcall_NARGS(flags)));
    const auto named = pybind11::reinterpret_steal<pybind11::object>(PyDict_New());
    if (!given || !named) {
      return nullptr;
    }
    const Py_ssize_t positional = PyVectorcall_NARGS(flags);
    for (Py_ssize_t i = 0; i < positional; ++i) {
      PyTuple_SET_ITEM(given.ptr(), i, pybind11::handle(arguments[i]).inc_ref().ptr());
    }
    for (Py_ssize_t i = 0; keywords != nullptr && i < PyTuple_GET_SIZE(keywords); ++i) {
      if (PyDict_SetItem(named.ptr(), PyTuple_GET_ITEM(keywords, i), arguments[positional + i]) < 0) {
        return nullptr;
      }
    }
    return type->tp_new(reinterpret_cast<PyTypeObject*>(self), given.ptr(), named.ptr());
  }

  static PyObject* construct(PyObject* size) {
    PyObject* const object = type->tp_alloc(type, 0);
    if (object == nullptr) {
      return nullptr;
    }
    try {
      make(reinterpret_cast<ArrayObject*>(object)->memory, size);
      return object;
    } catch (pybind11::error_already_set& error) {
      error.restore();
    } catch (const pybind11::builtin_exception& error) {
      error.set_error();
    } catch (const std::bad_alloc&) {
      PyErr_NoMemory();
    } catch (const std::exception& error) {
      PyErr_SetString(PyExc_RuntimeError, error.what());
    }
    release(object);
    return nullptr;
  }

  static void destroy(PyObject* object) {
    in(object).~Array();
    release(object);
  }

  static void release(PyObject* object) {
    type->tp_free(object);
    Py_DECREF(type);  // which every object of a class made at run time keeps alive
  }
};

/// What pybind11 needs to take such objects as arguments: `type_caster<Array>` derives from it.
template <typename Array>
class ArrayCaster {
 public:
  static constexpr auto name = pybind11::detail::const_name("Array");
  template <typename T>
  using cast_op_type = pybind11::detail::cast_op_type<T>;

  bool load(pybind11::handle object, bool) {
    if (Py_TYPE(object.ptr()) != ArrayObject<Array>::type) {
      return false;
    }
    array_ = &ArrayObject<Array>::in(object.ptr());
    return true;
  }

  operator Array*() { return array_; }
  operator Array&() { return *array_; }

 private:
  Array* array_ = nullptr;
};

}  // namespace needle

/// Once for each Array, outside of all namespaces and before its NativeModule.
#define NEEDLE_ARRAY(Array)                                        \
  namespace pybind11::detail {                                     \
  template <>                                                      \
  class type_caster<Array> : public needle::ArrayCaster<Array> {}; \
  }
