"""Hidden cases of hw1, training a two-layer network."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np
from apps.simple_ml import nn_epoch


def problem(m, n, d, k, dtype="float64"):
    X, W1, W2 = (np.random.randn(*shape).astype(dtype) for shape in ((m, n), (n, d), (d, k)))
    return X, np.random.randint(k, size=m).astype(np.uint8), ndl.Tensor(W1), ndl.Tensor(W2)


def submit_weights(weights):
    for tensor in weights:
        mugrade.submit(tensor.numpy())


def submit_one_step() -> None:
    """One step on all examples"""
    submit_weights(nn_epoch(*problem(20, 5, 6, 3), lr=0.5, batch=20))
    submit_weights(nn_epoch(*problem(20, 5, 6, 3), lr=1.5, batch=20))


def submit_minibatches() -> None:
    """Several steps, each on the next examples"""
    submit_weights(nn_epoch(*problem(24, 5, 6, 3), lr=0.3, batch=8))
    submit_weights(nn_epoch(*problem(5, 3, 4, 2), lr=0.3, batch=1))


def submit_short_minibatch() -> None:
    """A last minibatch with fewer examples than the others"""
    submit_weights(nn_epoch(*problem(23, 5, 6, 3), lr=0.3, batch=10))
    submit_weights(nn_epoch(*problem(7, 5, 6, 3), lr=0.3, batch=100))


def submit_defaults() -> None:
    """Step size and minibatch as the function has them"""
    submit_weights(nn_epoch(*problem(130, 4, 5, 3)))


def submit_two_epochs() -> None:
    """A second epoch with the weights of the first"""
    X, y, *weights = problem(20, 5, 6, 3)
    for _ in range(2):
        weights = nn_epoch(X, y, *weights, lr=0.3, batch=8)
    submit_weights(weights)


def submit_float32() -> None:
    """Weights and examples in float32"""
    submit_weights(nn_epoch(*problem(20, 5, 6, 3, dtype="float32"), lr=0.3, batch=8))


def submit_leaves() -> None:
    """The weights that come back do not hold on to the graph"""
    weights = nn_epoch(*problem(20, 5, 6, 3), lr=0.3, batch=8)
    mugrade.submit([tensor.is_leaf() for tensor in weights])
    mugrade.submit([tensor.numpy() for tensor in weights])


def submit_dead_units() -> None:
    """Hidden units that no example reaches"""
    X, y, W1, W2 = problem(12, 4, 5, 3)
    W1 = ndl.Tensor(np.concatenate([-np.abs(W1.numpy()), np.abs(W1.numpy())], axis=1))
    W2 = ndl.Tensor(np.concatenate([W2.numpy(), W2.numpy()[::-1]]))
    submit_weights(nn_epoch(np.abs(X), y, W1, W2, lr=0.1, batch=5))
