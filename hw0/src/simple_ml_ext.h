// The kernel of hw0's extension: what `simple_ml_ext.cpp` defines and `simple_ml_ext_bindings.cpp` offers to Python.

#pragma once

#include <cstddef>

/// One epoch of stochastic gradient descent for softmax regression, in place on theta.
///
/// The minibatches are the examples in their order, `batch` at a time; the last has fewer if `batch` does not divide m.
/// Each takes one step of size lr along the gradient of the mean loss of its own examples.
///
/// Matrices are flat and row-major: the element in row i and column j of the (n, k) matrix theta is theta[i * k + j].
///
/// X: (m, n) inputs;  y: (m) labels, each below k;  theta: (n, k) parameters;  batch: at least 1
void softmax_regression_epoch_cpp(const float* X, const unsigned char* y, float* theta, size_t m, size_t n, size_t k,
                                  float lr, size_t batch);
