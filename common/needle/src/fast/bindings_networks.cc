// Bindings of layers of networks: normalisation, softmax and its loss, embeddings, LSTM.

#include <initializer_list>

#include "bindings.h"
#include "dispatch.h"

namespace needle::fast {
namespace {

namespace py = pybind11;

/// The product of sizes. Raises ValueError: if memory could not hold so many elements.
size_t product(const char* name, std::initializer_list<size_t> factors) {
  size_t result = 1;
  for (const size_t factor : factors) {
    if (factor != 0 && result > kMostElements / factor) {
      throw py::value_error(std::string(name) + ": sizes whose product is more than memory could hold");
    }
    result *= factor;
  }
  return result;
}

/// Raises ValueError: unless the sizes of all arrays are as wanted. what: how errors call the shape.
struct Sized {
  const char* name;
  const Array& array;
  size_t wanted;
  const char* what;
};

void check(const char* function, std::initializer_list<Sized> arrays) {
  for (const Sized& each : arrays) {
    checks::size(function, each.name, each.array.size, each.wanted, each.what);
  }
}

/// Raises ValueError: if one of those that are written to is one of the others.
void check_apart(const char* function, std::initializer_list<const Array*> written,
                 std::initializer_list<const Array*> others) {
  for (const Array* const out : written) {
    size_t found = 0;
    for (const Array* const each : written) {
      found += each == out;
    }
    for (const Array* const each : others) {
      found += each == out;
    }
    if (found > 1) {
      throw py::value_error(std::string(function) + ": what is written must be arrays of their own");
    }
  }
}

/// Raises ValueError: unless all are whole numbers from 0 to count - 1.
void check_ids(const char* function, const char* what, const Array& ids, size_t count) {
  for (size_t i = 0; i < ids.size; ++i) {
    const float id = ids.ptr[i];
    if (!(id >= 0.0f && id < static_cast<float>(count) && id == static_cast<float>(static_cast<size_t>(id)) &&
          static_cast<size_t>(id) < count)) {
      throw py::value_error(std::string(function) + ": " + what + " must be whole numbers from 0 to " +
                            std::to_string(static_cast<int64_t>(count) - 1) + ", but one is " +
                            py::str(py::float_(id)).cast<std::string>());
    }
  }
}

SoftmaxRows softmax_rows(const char* name, size_t rows, size_t columns, float scale, size_t queries) {
  if (!(scale > 0.0f)) {
    throw py::value_error(std::string(name) + ": scale must be above 0, not " + std::to_string(scale));
  }
  if (queries != 0 && (queries > columns || rows % queries != 0)) {
    throw py::value_error(std::string(name) + ": queries must be 0, or at most the columns and a divisor of the rows");
  }
  if (columns == 0) {
    rows = 0;
  }
  return {rows, columns, queries, scale};
}

void list_rows(py::module_& module) {
  module.def(
      "add_row",
      [](const Array& a, const Array& row, Array& out, size_t rows, size_t columns) {
        const size_t size = product("add_row", {rows, columns});
        check("add_row",
              {{"a", a, size, "rows * columns"}, {"row", row, columns, "columns"}, {"out", out, size, "as a"}});
        check_apart("add_row", {&out}, {&row});
        const py::gil_scoped_release unlocked;
        kernels().add_row(a.ptr, row.ptr, out.ptr, rows, columns);
      },
      py::arg("a"), py::arg("row"), py::arg("out"), py::arg("rows"), py::arg("columns"),
      "out[r, c] = a[r, c] + row[c]; out may be a.");
  module.def(
      "masked",
      [](const Array& a, const Array& mask, Array& out) {
        check("masked", {{"mask", mask, a.size, "as a"}, {"out", out, a.size, "as a"}});
        const py::gil_scoped_release unlocked;
        kernels().masked(a.ptr, mask.ptr, out.ptr, a.size);
      },
      py::arg("a"), py::arg("mask"), py::arg("out"), "out[i] = a[i] * (mask[i] > 0); out may be a or mask.");
  module.def(
      "softmax",
      [](const Array& a, Array& out, size_t rows, size_t columns, float scale, size_t queries) {
        const size_t size = product("softmax", {rows, columns});
        check("softmax", {{"a", a, size, "rows * columns"}, {"out", out, size, "as a"}});
        const SoftmaxRows how = softmax_rows("softmax", rows, columns, scale, queries);
        const py::gil_scoped_release unlocked;
        kernels().softmax(how, a.ptr, out.ptr);
      },
      py::arg("a"), py::arg("out"), py::arg("rows"), py::arg("columns"), py::arg("scale") = 1.0f,
      py::arg("queries") = 0,
      "The softmax of each row of scale * a. queries: if not 0, row i of each `queries` rows sees but the columns up "
      "to "
      "i + columns - queries; the others are 0.");
  module.def(
      "softmax_gradient",
      [](const Array& probabilities, const Array& grad, Array& out, size_t rows, size_t columns, float scale,
         size_t queries) {
        constexpr const char* kName = "softmax_gradient";
        const size_t size = product(kName, {rows, columns});
        check(kName, {{"probabilities", probabilities, size, "rows * columns"},
                      {"grad", grad, size, "as probabilities"},
                      {"out", out, size, "as probabilities"}});
        const SoftmaxRows how = softmax_rows(kName, rows, columns, scale, queries);
        const py::gil_scoped_release unlocked;
        kernels().softmax_gradient(how, probabilities.ptr, grad.ptr, out.ptr);
      },
      py::arg("probabilities"), py::arg("grad"), py::arg("out"), py::arg("rows"), py::arg("columns"),
      py::arg("scale") = 1.0f, py::arg("queries") = 0, "The gradient of sum(softmax(a) * grad) by a.");
}

void list_losses(py::module_& module) {
  module.def(
      "cross_entropy",
      [](const Array& logits, const Array& labels, Array& losses, Array& log_sums, size_t rows, size_t columns) {
        constexpr const char* kName = "cross_entropy";
        check(kName, {{"logits", logits, product(kName, {rows, columns}), "rows * columns"},
                      {"labels", labels, rows, "rows"},
                      {"losses", losses, rows, "rows"},
                      {"log_sums", log_sums, rows, "rows"}});
        check_apart(kName, {&losses, &log_sums}, {&logits, &labels});
        check_ids(kName, "labels", labels, columns);
        const py::gil_scoped_release unlocked;
        kernels().cross_entropy(logits.ptr, labels.ptr, losses.ptr, log_sums.ptr, rows, columns);
      },
      py::arg("logits"), py::arg("labels"), py::arg("losses"), py::arg("log_sums"), py::arg("rows"), py::arg("columns"),
      "log_sums = log(sum(exp(logits))) of each row, losses = log_sums less the logit of the row's label.");
  module.def(
      "cross_entropy_gradient",
      [](const Array& logits, const Array& labels, const Array& log_sums, float scale, Array& out, size_t rows,
         size_t columns) {
        constexpr const char* kName = "cross_entropy_gradient";
        const size_t size = product(kName, {rows, columns});
        check(kName, {{"logits", logits, size, "rows * columns"},
                      {"labels", labels, rows, "rows"},
                      {"log_sums", log_sums, rows, "rows"},
                      {"out", out, size, "as logits"}});
        check_apart(kName, {&out}, {&labels, &log_sums});
        check_ids(kName, "labels", labels, columns);
        const py::gil_scoped_release unlocked;
        kernels().cross_entropy_gradient(logits.ptr, labels.ptr, log_sums.ptr, scale, out.ptr, rows, columns);
      },
      py::arg("logits"), py::arg("labels"), py::arg("log_sums"), py::arg("scale"), py::arg("out"), py::arg("rows"),
      py::arg("columns"), "The gradient of scale * sum(losses) by the logits; out may be the logits.");
}

void list_norms(py::module_& module) {
  module.def(
      "layer_norm",
      [](const Array& x, const Array& weight, const Array& bias, float eps, Array& out, Array& means, Array& scales,
         size_t rows, size_t columns) {
        constexpr const char* kName = "layer_norm";
        const size_t size = product(kName, {rows, columns});
        check(kName, {{"x", x, size, "rows * columns"},
                      {"weight", weight, columns, "columns"},
                      {"bias", bias, columns, "columns"},
                      {"out", out, size, "as x"},
                      {"means", means, rows, "rows"},
                      {"scales", scales, rows, "rows"}});
        check_apart(kName, {&out, &means, &scales}, {&x, &weight, &bias});
        const py::gil_scoped_release unlocked;
        kernels().layer_norm(x.ptr, weight.ptr, bias.ptr, eps, out.ptr, means.ptr, scales.ptr, rows, columns);
      },
      py::arg("x"), py::arg("weight"), py::arg("bias"), py::arg("eps"), py::arg("out"), py::arg("means"),
      py::arg("scales"), py::arg("rows"), py::arg("columns"),
      "out = (x - mean) * scale * weight + bias, with mean and scale = 1 / sqrt(variance + eps) of each row.");
  module.def(
      "layer_norm_gradient",
      [](const Array& grad, const Array& x, const Array& weight, const Array& means, const Array& scales, Array& by_x,
         Array& by_weight, Array& by_bias, size_t rows, size_t columns) {
        constexpr const char* kName = "layer_norm_gradient";
        const size_t size = product(kName, {rows, columns});
        check(kName, {{"grad", grad, size, "rows * columns"},
                      {"x", x, size, "as grad"},
                      {"weight", weight, columns, "columns"},
                      {"means", means, rows, "rows"},
                      {"scales", scales, rows, "rows"},
                      {"by_x", by_x, size, "as x"},
                      {"by_weight", by_weight, columns, "as weight"},
                      {"by_bias", by_bias, columns, "as weight"}});
        check_apart(kName, {&by_x, &by_weight, &by_bias}, {&grad, &x, &weight, &means, &scales});
        const py::gil_scoped_release unlocked;
        const Array scratch(kernels().layer_norm_scratch(rows, columns));
        if (rows == 0) {
          kernels().fill(by_weight.ptr, 0.0f, columns);
          return kernels().fill(by_bias.ptr, 0.0f, columns);
        }
        kernels().layer_norm_gradient(grad.ptr, x.ptr, weight.ptr, means.ptr, scales.ptr, by_x.ptr, by_weight.ptr,
                                      by_bias.ptr, rows, columns, scratch.ptr);
      },
      py::arg("grad"), py::arg("x"), py::arg("weight"), py::arg("means"), py::arg("scales"), py::arg("by_x"),
      py::arg("by_weight"), py::arg("by_bias"), py::arg("rows"), py::arg("columns"),
      "The gradients of sum(layer_norm(x, weight, bias) * grad).");
  module.def(
      "batch_norm",
      [](const Array& x, const Array& weight, const Array& bias, float eps, Array& out, Array& means, Array& variances,
         size_t outer, size_t channels, size_t inner) {
        constexpr const char* kName = "batch_norm";
        const size_t size = product(kName, {outer, channels, inner});
        check(kName, {{"x", x, size, "outer * channels * inner"},
                      {"weight", weight, channels, "channels"},
                      {"bias", bias, channels, "channels"},
                      {"out", out, size, "as x"},
                      {"means", means, channels, "channels"},
                      {"variances", variances, channels, "channels"}});
        check_apart(kName, {&out, &means, &variances}, {&x, &weight, &bias});
        const py::gil_scoped_release unlocked;
        kernels().batch_norm({outer, channels, inner}, x.ptr, weight.ptr, bias.ptr, eps, out.ptr, means.ptr,
                             variances.ptr);
      },
      py::arg("x"), py::arg("weight"), py::arg("bias"), py::arg("eps"), py::arg("out"), py::arg("means"),
      py::arg("variances"), py::arg("outer"), py::arg("channels"), py::arg("inner"),
      "out = (x - mean) / sqrt(variance + eps) * weight + bias, with the mean and variance of each channel.");
  module.def(
      "batch_norm_gradient",
      [](const Array& grad, const Array& x, const Array& weight, const Array& means, const Array& variances, float eps,
         Array& by_x, Array& by_weight, Array& by_bias, size_t outer, size_t channels, size_t inner) {
        constexpr const char* kName = "batch_norm_gradient";
        const size_t size = product(kName, {outer, channels, inner});
        check(kName, {{"grad", grad, size, "outer * channels * inner"},
                      {"x", x, size, "as grad"},
                      {"weight", weight, channels, "channels"},
                      {"means", means, channels, "channels"},
                      {"variances", variances, channels, "channels"},
                      {"by_x", by_x, size, "as x"},
                      {"by_weight", by_weight, channels, "as weight"},
                      {"by_bias", by_bias, channels, "as weight"}});
        check_apart(kName, {&by_x, &by_weight, &by_bias}, {&grad, &x, &weight, &means, &variances});
        const py::gil_scoped_release unlocked;
        kernels().batch_norm_gradient({outer, channels, inner}, grad.ptr, x.ptr, weight.ptr, means.ptr, variances.ptr,
                                      eps, by_x.ptr, by_weight.ptr, by_bias.ptr);
      },
      py::arg("grad"), py::arg("x"), py::arg("weight"), py::arg("means"), py::arg("variances"), py::arg("eps"),
      py::arg("by_x"), py::arg("by_weight"), py::arg("by_bias"), py::arg("outer"), py::arg("channels"),
      py::arg("inner"), "The gradients of sum(batch_norm(x, weight, bias) * grad).");
}

void list_embeddings(py::module_& module) {
  module.def(
      "gather",
      [](const Array& table, const Array& ids, Array& out, size_t count, size_t columns) {
        check("gather", {{"table", table, product("gather", {count, columns}), "count * columns"},
                         {"out", out, product("gather", {ids.size, columns}), "ids * columns"}});
        check_apart("gather", {&out}, {&table, &ids});
        check_ids("gather", "ids", ids, count);
        const py::gil_scoped_release unlocked;
        kernels().gather(table.ptr, ids.ptr, out.ptr, ids.size, columns);
      },
      py::arg("table"), py::arg("ids"), py::arg("out"), py::arg("count"), py::arg("columns"),
      "out[r] = table[ids[r]], rows of a table (count, columns).");
  module.def(
      "scatter_add",
      [](const Array& a, const Array& ids, Array& table, size_t count, size_t columns) {
        check("scatter_add", {{"a", a, product("scatter_add", {ids.size, columns}), "ids * columns"},
                              {"table", table, product("scatter_add", {count, columns}), "count * columns"}});
        check_apart("scatter_add", {&table}, {&a, &ids});
        check_ids("scatter_add", "ids", ids, count);
        const py::gil_scoped_release unlocked;
        kernels().scatter_add(a.ptr, ids.ptr, table.ptr, ids.size, columns);
      },
      py::arg("a"), py::arg("ids"), py::arg("table"), py::arg("count"), py::arg("columns"),
      "table[ids[r]] += a[r], one row after the other.");
}

void list_lstm(py::module_& module) {
  module.def(
      "lstm",
      [](const Array& weight, const Array& h0, const Array& c0, Array& gates, Array& hidden, Array& cells, size_t steps,
         size_t batch, size_t units) {
        const size_t state = product("lstm", {batch, units}), all = product("lstm", {steps, state});
        check("lstm", {{"weight", weight, product("lstm", {4, units, units}), "units * 4 * units"},
                       {"h0", h0, state, "batch * units"},
                       {"c0", c0, state, "batch * units"},
                       {"gates", gates, product("lstm", {4, all}), "steps * batch * 4 * units"},
                       {"hidden", hidden, all, "steps * batch * units"},
                       {"cells", cells, all, "steps * batch * units"}});
        check_apart("lstm", {&gates, &hidden, &cells}, {&weight, &h0, &c0});
        const py::gil_scoped_release unlocked;
        if (all > 0) {
          const Lstm size = {steps, batch, units};
          const Array scratch(kernels().lstm_scratch(size));
          kernels().lstm(size, weight.ptr, h0.ptr, c0.ptr, gates.ptr, hidden.ptr, cells.ptr, scratch.ptr);
        }
      },
      py::arg("weight"), py::arg("h0"), py::arg("c0"), py::arg("gates"), py::arg("hidden"), py::arg("cells"),
      py::arg("steps"), py::arg("batch"), py::arg("units"),
      "All steps of a layer: gates (steps, batch, 4 * units) hold what inputs and biases add to them, and then the "
      "gates "
      "i, f, g, o as applied; hidden and cells (steps, batch, units) are the states after each step.");
  module.def(
      "lstm_gradient",
      [](const Array& weight, const Array& c0, const Array& gates, const Array& cells, const Array& by_hidden,
         Array& by_h, Array& by_c, Array& by_gates, size_t steps, size_t batch, size_t units) {
        constexpr const char* kName = "lstm_gradient";
        const size_t state = product(kName, {batch, units}), all = product(kName, {steps, state});
        check(kName, {{"weight", weight, product(kName, {4, units, units}), "units * 4 * units"},
                      {"c0", c0, state, "batch * units"},
                      {"gates", gates, product(kName, {4, all}), "steps * batch * 4 * units"},
                      {"cells", cells, all, "steps * batch * units"},
                      {"by_hidden", by_hidden, all, "steps * batch * units"},
                      {"by_h", by_h, state, "batch * units"},
                      {"by_c", by_c, state, "batch * units"},
                      {"by_gates", by_gates, product(kName, {4, all}), "as gates"}});
        check_apart(kName, {&by_h, &by_c, &by_gates}, {&weight, &c0, &gates, &cells, &by_hidden});
        const py::gil_scoped_release unlocked;
        if (all > 0) {
          const Lstm size = {steps, batch, units};
          const Array scratch(kernels().lstm_scratch(size));
          kernels().lstm_gradient(size, weight.ptr, c0.ptr, gates.ptr, cells.ptr, by_hidden.ptr, by_h.ptr, by_c.ptr,
                                  by_gates.ptr, scratch.ptr);
        }
      },
      py::arg("weight"), py::arg("c0"), py::arg("gates"), py::arg("cells"), py::arg("by_hidden"), py::arg("by_h"),
      py::arg("by_c"), py::arg("by_gates"), py::arg("steps"), py::arg("batch"), py::arg("units"),
      "Back through all steps, from the gradients by all hidden states: by_h and by_c come in as those by the last "
      "states alone and go out as those by h0 and c0; by_gates are those by what was in the gates at first.");
}

}  // namespace

void list_networks(py::module_& module) {
  list_rows(module);
  list_losses(module);
  list_norms(module);
  list_embeddings(module);
  list_lstm(module);
}

}  // namespace needle::fast
