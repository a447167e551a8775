// hw0: one epoch of softmax regression in C++. You fill the solution block; `make lib` builds it.
//
// This file knows nothing of Python: arrays arrive as flat, row-major memory, already checked (simple_ml_ext.h says
// what each argument is, simple_ml_ext_bindings.cpp does the checking). Any header of the standard library is yours to
// use.

#include "simple_ml_ext.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iostream>
#include <vector>

#include "not_implemented.h"

void softmax_regression_epoch_cpp(const float* X, const unsigned char* y, float* theta, size_t m, size_t n, size_t k,
                                  float lr, size_t batch) {
  /// BEGIN SOLUTION
  std::vector<float> gradient(n * k);
  std::vector<float> residual(k);  // logits of one example, then its probabilities less its one-hot label
  for (size_t first = 0; first < m; first += batch) {
    const size_t count = std::min(batch, m - first);
    std::fill(gradient.begin(), gradient.end(), 0.0f);
    for (size_t example = first; example < first + count; ++example) {
      const float* row = X + example * n;
      std::fill(residual.begin(), residual.end(), 0.0f);
      for (size_t feature = 0; feature < n; ++feature) {
        for (size_t label = 0; label < k; ++label) {
          residual[label] += row[feature] * theta[feature * k + label];
        }
      }
      const float largest = *std::max_element(residual.begin(), residual.end());
      float partition = 0.0f;
      for (float& value : residual) {
        value = std::exp(value - largest);
        partition += value;
      }
      for (float& value : residual) {
        value /= partition;
      }
      residual[y[example]] -= 1.0f;
      for (size_t feature = 0; feature < n; ++feature) {
        for (size_t label = 0; label < k; ++label) {
          gradient[feature * k + label] += row[feature] * residual[label];
        }
      }
    }
    const float step = lr / static_cast<float>(count);
    for (size_t position = 0; position < gradient.size(); ++position) {
      theta[position] -= step * gradient[position];
    }
  }
  /// END SOLUTION
}
