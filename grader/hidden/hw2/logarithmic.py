"""Hidden cases of hw2, logarithms of sums of exponentials: values, gradients, numbers too large for an exponential.

Large numbers are float64: there, a number of size 1e10 is exact to 2e-6, so differences between correct solutions stay
far below the tolerance.
"""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np


def tensor(*shape, low=-3.0, high=3.0, dtype="float64"):
    return ndl.Tensor(np.random.uniform(low, high, size=shape), dtype=dtype)


def submit_gradient(out, a):
    """The gradient by `a` of `out` times random numbers."""
    out.backward(tensor(*out.shape, low=0.5, high=2.0))
    mugrade.submit(a.grad.numpy())


def submit_second_gradient(f, a):
    """The gradient of the gradient's sum with random weights."""
    out = f(a)
    out.backward(tensor(*out.shape, low=0.5, high=2.0))
    (a.grad * tensor(*a.shape)).sum().backward()
    mugrade.submit(a.grad.numpy())


def rows_apart(*shape):
    """Rows whose sizes differ by more than an exponential can hold."""
    steps = 1000.0 * np.random.permutation(np.arange(shape[0]) - shape[0] // 2)
    return ndl.Tensor(np.random.uniform(-3, 3, size=shape) + steps.reshape(-1, *[1] * (len(shape) - 1)))


def submit_logsumexp() -> None:
    """logsumexp over some of the axes"""
    for axes in ((0,), (1,), (2,), (0, 2), (2, 1), (0, 1, 2)):
        mugrade.submit(ndl.logsumexp(tensor(2, 3, 4), axes=axes).numpy())
    mugrade.submit(ndl.logsumexp(tensor(3, 3), axes=(1,)).numpy())


def submit_logsumexp_all() -> None:
    """logsumexp of all elements, for several shapes"""
    for shape in ((5,), (3, 4), (2, 3, 2), (1, 1)):
        mugrade.submit(ndl.logsumexp(tensor(*shape)).numpy())


def submit_logsumexp_axis() -> None:
    """logsumexp over one axis given as a number, or counted from the end"""
    for axes in (0, 1, 2, -1, (-2,), (-1, 0)):
        a = tensor(2, 3, 4)
        out = ndl.logsumexp(a, axes=axes)
        mugrade.submit(out.numpy())
        submit_gradient(out, a)


def submit_logsumexp_large() -> None:
    """logsumexp of numbers too large, and too small, for an exponential"""
    for size in (1e4, -1e4, 1e10, -1e10):
        for axes in (None, (1,), (0,)):
            a = tensor(3, 4)
            mugrade.submit(ndl.logsumexp(a + size, axes=axes).numpy() - size)


def submit_logsumexp_far_apart() -> None:
    """logsumexp where one slice, or one element of a slice, is far larger than another"""
    a = rows_apart(5, 4)
    for axes in ((1,), (0,), None):
        mugrade.submit(ndl.logsumexp(a, axes=axes).numpy())
    mugrade.submit(ndl.logsumexp(a.transpose(), axes=(0,)).numpy())
    mugrade.submit(ndl.logsumexp(rows_apart(3, 2, 4), axes=(1, 2)).numpy())


def submit_logsumexp_gradient() -> None:
    """Gradients of logsumexp over some of the axes"""
    for axes in (None, (0,), (1,), (2,), (0, 2), (2, 1), (0, 1, 2)):
        a = tensor(2, 3, 4)
        submit_gradient(ndl.logsumexp(a, axes=axes), a)


def submit_logsumexp_gradient_square() -> None:
    """Gradients of logsumexp where all axes are of the same size"""
    for shape, axes in (((4, 4), (0,)), ((4, 4), (1,)), ((3, 3, 3), (1,)), ((3, 3, 3), (0, 2))):
        a = tensor(*shape)
        submit_gradient(ndl.logsumexp(a, axes=axes), a)


def submit_logsumexp_gradient_large() -> None:
    """Gradients of logsumexp at large numbers, and where one slice is far larger than another"""
    for size in (1e4, -1e4, 1e10):
        for axes in (None, (1,)):
            a = ndl.Tensor(size + np.random.uniform(-3, 3, size=(3, 4)))
            submit_gradient(ndl.logsumexp(a, axes=axes), a)
    for axes in ((1,), (0,), None):
        a = rows_apart(5, 4)
        submit_gradient(ndl.logsumexp(a, axes=axes), a)


def submit_logsumexp_second_gradient() -> None:
    """Gradients of the gradients of logsumexp"""
    for axes in (None, (0,), (1,)):
        submit_second_gradient(lambda a, axes=axes: ndl.logsumexp(a, axes=axes), tensor(3, 4))


def submit_logsoftmax() -> None:
    """logsoftmax for several numbers of rows and columns"""
    for shape in ((1, 2), (2, 5), (6, 3), (4, 4), (3, 1)):
        mugrade.submit(ndl.logsoftmax(tensor(*shape)).numpy())


def submit_logsoftmax_large() -> None:
    """logsoftmax of numbers too large, and too small, for an exponential"""
    for size in (1e4, -1e4, 1e10, -1e10):
        mugrade.submit(ndl.logsoftmax(tensor(3, 4) + size).numpy())


def submit_logsoftmax_far_apart() -> None:
    """logsoftmax where one row, or one column, is far larger than another"""
    mugrade.submit(ndl.logsoftmax(rows_apart(5, 4)).numpy())
    mugrade.submit(ndl.logsoftmax(rows_apart(5, 4).transpose()).numpy())


def submit_logsoftmax_gradient() -> None:
    """Gradients of logsoftmax, where all out-gradients of a row count"""
    for shape in ((1, 3), (2, 5), (5, 2), (4, 4)):
        a = tensor(*shape)
        submit_gradient(ndl.logsoftmax(a), a)


def submit_logsoftmax_gradient_large() -> None:
    """Gradients of logsoftmax at large numbers, and where one row is far larger than another"""
    for size in (1e4, -1e4, 1e10):
        a = ndl.Tensor(size + np.random.uniform(-3, 3, size=(3, 4)))
        submit_gradient(ndl.logsoftmax(a), a)
    a = rows_apart(5, 4)
    submit_gradient(ndl.logsoftmax(a), a)


def submit_logsoftmax_second_gradient() -> None:
    """Gradients of the gradients of logsoftmax"""
    for shape in ((3, 4), (4, 2)):
        submit_second_gradient(ndl.logsoftmax, tensor(*shape))


def submit_float32() -> None:
    """Both operators on float32, and what becomes of their argument"""
    for f in (ndl.logsumexp, lambda a: ndl.logsumexp(a, axes=(1,)), ndl.logsoftmax):
        a = tensor(4, 3, dtype="float32")
        out = f(a)
        mugrade.submit(out.numpy())
        mugrade.submit(out.dtype)
        mugrade.submit(a.numpy())
