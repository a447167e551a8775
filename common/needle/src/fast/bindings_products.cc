// Bindings of products: batches of matrices, of any strides, and convolutions.

#include "bindings.h"
#include "dispatch.h"

namespace needle::fast {
namespace {

namespace py = pybind11;

void matmul_batched(const Array& a, const py::object& a_shape, const py::object& a_strides, const py::object& a_offset,
                    const Array& b, const py::object& b_shape, const py::object& b_strides, const py::object& b_offset,
                    Array& out) {
  constexpr const char* kName = "matmul_batched";
  const View left = checks::view(kName, "a", a.size, a_shape, a_strides, a_offset);
  const View right = checks::view(kName, "b", b.size, b_shape, b_strides, b_offset);
  const size_t ndim = left.shape.size();
  bool fit = ndim >= 2 && ndim == right.shape.size() && left.shape[ndim - 1] == right.shape[ndim - 2];
  for (size_t axis = 0; fit && axis + 2 < ndim; ++axis) {
    fit = left.shape[axis] == right.shape[axis];
  }
  if (!fit || ndim - 2 > kMaxDims) {
    throw py::value_error(std::string(kName) +
                          ": shapes must be (..., m, n) and (..., n, p) with the same (...) of at most " +
                          std::to_string(kMaxDims) + " dimensions, not " + checks::text(left.shape) + " and " +
                          checks::text(right.shape));
  }
  std::vector<int32_t> out_shape(left.shape);
  out_shape[ndim - 1] = right.shape[ndim - 1];
  checks::size(kName, "out", out.size, checks::element_count(kName, out_shape), "of shape " + checks::text(out_shape));
  checks::apart(kName, a, out);
  checks::apart(kName, b, out);
  if (out.size == 0) {
    return;
  }
  ProductBatch batch;
  batch.product = {static_cast<size_t>(left.shape[ndim - 2]),
                   static_cast<size_t>(left.shape[ndim - 1]),
                   static_cast<size_t>(right.shape[ndim - 1]),
                   left.strides[ndim - 2],
                   left.strides[ndim - 1],
                   right.strides[ndim - 2],
                   right.strides[ndim - 1]};
  // Along a dimension of size 1 nothing is a step: whatever suits the kernels.
  if (batch.product.n == 1) {
    batch.product.a_column = 1;
    batch.product.b_row = right.shape[ndim - 1];
  }
  batch.ndim = static_cast<int>(ndim - 2);
  for (size_t axis = 0; axis + 2 < ndim; ++axis) {
    batch.shape[axis] = static_cast<size_t>(left.shape[axis]);
    batch.a[axis] = left.strides[axis];
    batch.b[axis] = right.strides[axis];
  }
  const py::gil_scoped_release unlocked;
  const Array scratch(kernels().scratch_floats(batch.product));
  kernels().matmul_batch(batch, a.ptr + left.offset, b.ptr + right.offset, out.ptr, scratch.ptr);
}

/// The convolution that the arguments describe. Raises ValueError: if there is none.
Conv described(const char* name, const py::object& images, const py::object& weight, const py::object& stride,
               const py::object& padding, const py::object& dilation) {
  const std::vector<int32_t> image_shape = checks::integers(name, "images_shape", images, 0);
  const std::vector<int32_t> weight_shape = checks::integers(name, "weight_shape", weight, 0);
  if (image_shape.size() != 4 || weight_shape.size() != 4 || image_shape[3] != weight_shape[2]) {
    throw py::value_error(std::string(name) +
                          ": expected images (n, height, width, channels) and a weight (kernel height, kernel width, "
                          "channels, filters), not " +
                          checks::text(image_shape) + " and " + checks::text(weight_shape));
  }
  const auto size = [](int32_t value) { return static_cast<size_t>(value); };
  Conv conv = {};
  conv.images = size(image_shape[0]);
  conv.height = size(image_shape[1]);
  conv.width = size(image_shape[2]);
  conv.channels = size(image_shape[3]);
  conv.kernel_height = size(weight_shape[0]);
  conv.kernel_width = size(weight_shape[1]);
  conv.filters = size(weight_shape[3]);
  conv.stride = static_cast<size_t>(checks::integer(name, "stride", stride, 1, INT32_MAX));
  conv.padding = static_cast<size_t>(checks::integer(name, "padding", padding, 0, INT32_MAX));
  conv.dilation = static_cast<size_t>(checks::integer(name, "dilation", dilation, 1, INT32_MAX));
  const auto places = [&](size_t pixels, size_t taps, const char* axis) {
    const size_t padded = pixels + 2 * conv.padding, covered = taps > 0 ? (taps - 1) * conv.dilation + 1 : 1;
    if (covered > padded || taps == 0) {
      throw py::value_error(std::string(name) + ": a kernel of " + axis + " " + std::to_string(taps) +
                            " with dilation " + std::to_string(conv.dilation) + " does not fit images of " +
                            std::to_string(pixels) + " with padding " + std::to_string(conv.padding));
    }
    return (padded - covered) / conv.stride + 1;
  };
  conv.out_height = places(conv.height, conv.kernel_height, "height");
  conv.out_width = places(conv.width, conv.kernel_width, "width");
  return conv;
}

/// Sizes that are checked one after the other, so that none overflows. Raises ValueError: if an array has another.
void check_sizes(const char* name, const Conv& conv, const Array& images, const Array& weight, const Array& out) {
  const auto size = [&](const char* array, const Array& given, size_t a, size_t b, size_t c, size_t d,
                        const char* because) {
    size_t product = 1;
    for (const size_t factor : {a, b, c, d}) {
      product = factor != 0 && product > kMostElements / factor ? SIZE_MAX : product * factor;
      if (product == SIZE_MAX) {
        throw py::value_error(std::string(name) + ": " + array + " has more elements than memory could hold");
      }
    }
    checks::size(name, array, given.size, product, because);
  };
  size("images", images, conv.images, conv.height, conv.width, conv.channels, "of images_shape");
  size("weight", weight, conv.kernel_height, conv.kernel_width, conv.channels, conv.filters, "of weight_shape");
  size("out", out, conv.images, conv.out_height, conv.out_width, conv.filters, "(n, out height, out width, filters)");
}

using Convolution = void (*Kernels::*)(const Conv&, const float*, const float*, float*, float*);

/// One of the three kernels; `roles(a, b, out)` puts its arrays in the order images, weight, out.
template <typename Roles>
void list_convolution(py::module_& module, const char* name, Convolution kernel, const char* a, const char* b,
                      const char* out, Roles roles, const char* doc) {
  module.def(
      name,
      [=](const Array& first, const Array& second, Array& result, const py::object& images_shape,
          const py::object& weight_shape, const py::object& stride, const py::object& padding,
          const py::object& dilation) {
        const Conv conv = described(name, images_shape, weight_shape, stride, padding, dilation);
        roles(name, conv, first, second, result);
        checks::apart(name, first, result);
        checks::apart(name, second, result);
        if (result.size == 0) {
          return;
        }
        const py::gil_scoped_release unlocked;
        const Array scratch(kernels().conv_scratch(conv));
        (kernels().*kernel)(conv, first.ptr, second.ptr, result.ptr, scratch.ptr);
      },
      py::arg(a), py::arg(b), py::arg(out), py::arg("images_shape"), py::arg("weight_shape"), py::arg("stride") = 1,
      py::arg("padding") = 0, py::arg("dilation") = 1, doc);
}

}  // namespace

void list_products(py::module_& module) {
  module.def("matmul_batched", &matmul_batched, py::arg("a"), py::arg("a_shape"), py::arg("a_strides"),
             py::arg("a_offset"), py::arg("b"), py::arg("b_shape"), py::arg("b_strides"), py::arg("b_offset"),
             py::arg("out"),
             "out (..., m, p), compact, from the views (..., m, n) of a and (..., n, p) of b: a product for each index "
             "(...), the same for both; a matrix that is the same for all has strides of 0 there.");
  list_convolution(
      module, "conv2d", &Kernels::conv, "images", "weight", "out",
      [](const char* name, const Conv& conv, const Array& a, const Array& b, const Array& out) {
        check_sizes(name, conv, a, b, out);
      },
      "out (n, out height, out width, filters): the cross-correlation of images (n, height, width, channels), with "
      "zeros around them, and a weight (kernel height, kernel width, channels, filters).");
  list_convolution(
      module, "conv2d_loops", &Kernels::conv_loops, "images", "weight", "out",
      [](const char* name, const Conv& conv, const Array& a, const Array& b, const Array& out) {
        check_sizes(name, conv, a, b, out);
      },
      "conv2d in seven loops, for benchmarks to begin with.");
  list_convolution(
      module, "conv2d_by_images", &Kernels::conv_by_images, "out_grad", "weight", "images",
      [](const char* name, const Conv& conv, const Array& a, const Array& b, const Array& out) {
        check_sizes(name, conv, out, b, a);
      },
      "The gradient of sum(conv2d(images, weight) * out_grad) by the images.");
  list_convolution(
      module, "conv2d_by_weight", &Kernels::conv_by_weight, "images", "out_grad", "weight",
      [](const char* name, const Conv& conv, const Array& a, const Array& b, const Array& out) {
        check_sizes(name, conv, a, out, b);
      },
      "The gradient of sum(conv2d(images, weight) * out_grad) by the weight.");
}

}  // namespace needle::fast
