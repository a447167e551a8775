"""Hidden cases of hw1, forward computation."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np


def tensor(*shape, low=-2.0, high=2.0):
    return ndl.Tensor(np.random.uniform(low, high, size=shape))


def submit_dtype_for_float32(f, *shapes):
    """The dtype of f on float32 tensors."""
    single = [ndl.Tensor(np.random.rand(*shape) + 0.5, dtype="float32") for shape in shapes]
    mugrade.submit(f(*single).numpy().dtype)


def submit_power_scalar() -> None:
    """Powers with a number as exponent, of positive and negative bases"""
    a = tensor(4, 3, low=0.5)
    for scalar in (3, 1, -2, 0.5):
        mugrade.submit(ndl.power_scalar(a, scalar).numpy())
    negative = tensor(5, low=-2.0, high=-0.5)
    for scalar in (2, 3):
        mugrade.submit(ndl.power_scalar(negative, scalar).numpy())
    mugrade.submit((tensor(low=0.5) ** 3).numpy())
    submit_dtype_for_float32(lambda a: a**2, (2, 2))


def submit_power() -> None:
    """Powers element by element"""
    for shape in ((6,), (2, 3, 2), ()):
        mugrade.submit(ndl.power(tensor(*shape, low=0.5), tensor(*shape)).numpy())
    mugrade.submit((2 ** tensor(4)).numpy())
    submit_dtype_for_float32(ndl.power, (2, 2), (2, 2))


def submit_divide() -> None:
    """Quotients element by element, and with the tensor below a number"""
    for shape in ((6,), (2, 3, 2), ()):
        mugrade.submit(ndl.divide(tensor(*shape), tensor(*shape, low=0.5)).numpy())
    mugrade.submit((1 / tensor(4, low=0.5)).numpy())
    submit_dtype_for_float32(ndl.divide, (2, 2), (2, 2))


def submit_divide_scalar() -> None:
    """Quotients with a number below"""
    for shape, scalar in (((6,), 3), ((2, 3, 2), -0.7), ((), 5.5)):
        mugrade.submit(ndl.divide_scalar(tensor(*shape), scalar).numpy())
    submit_dtype_for_float32(lambda a: a / 3, (2, 2))


def submit_transpose() -> None:
    """The last two axes swapped, and any two, counted from either end"""
    a = tensor(2, 3, 4, 5)
    for axes in (None, (0, 1), (1, 3), (2, 0), (-1, 0), (-3, -1), (1, 2)):
        mugrade.submit(ndl.transpose(a, axes).numpy())
    mugrade.submit(ndl.transpose(tensor(3, 2)).numpy())
    submit_dtype_for_float32(ndl.transpose, (2, 2))


def submit_reshape() -> None:
    """Shapes with more and with fewer dimensions"""
    for old, new in (((6,), (2, 3)), ((2, 3, 4), (4, 6)), ((1, 1), ()), ((3, 4), (2, 1, 6)), ((2, 6), (12,))):
        mugrade.submit(ndl.reshape(tensor(*old), new).numpy())
    mugrade.submit(ndl.reshape(ndl.transpose(tensor(3, 4)), (2, 6)).numpy())
    submit_dtype_for_float32(lambda a: ndl.reshape(a, (4,)), (2, 2))


def submit_broadcast_to() -> None:
    """Along axes of size 1, along new axes, and from a single number"""
    for old, new in (((3, 1), (3, 4)), ((4,), (3, 4)), ((), (2, 3)), ((1, 3, 1), (2, 5, 3, 4)), ((2, 2), (2, 2))):
        mugrade.submit(ndl.broadcast_to(tensor(*old), new).numpy())
    submit_dtype_for_float32(lambda a: ndl.broadcast_to(a, (3, 2, 2)), (2, 2))


def submit_summation() -> None:
    """Over all axes, one axis, several, counted from either end"""
    a = tensor(2, 3, 4)
    for axes in (None, 0, 1, 2, -1, -3, (0,), (0, 2), (2, 1), (-1, 0), (0, 1, 2)):
        mugrade.submit(ndl.summation(a, axes=axes).numpy())
    mugrade.submit(ndl.summation(tensor()).numpy())
    submit_dtype_for_float32(ndl.summation, (2, 2))


def submit_matmul() -> None:
    """Matrices, and batches of matrices whose batch dimensions broadcast"""
    shapes = [((3, 4), (4, 2)), ((1, 5), (5, 1)), ((3, 3), (3, 3)), ((6, 3, 4), (6, 4, 2)), ((6, 3, 4), (4, 2))]
    shapes += [((3, 4), (6, 4, 2)), ((5, 1, 3, 4), (6, 4, 2)), ((2, 2, 3, 4), (2, 2, 4, 3))]
    for lhs, rhs in shapes:
        mugrade.submit(ndl.matmul(tensor(*lhs), tensor(*rhs)).numpy())
    submit_dtype_for_float32(ndl.matmul, (2, 2), (2, 2))


def submit_negate() -> None:
    """Negatives"""
    for shape in ((6,), (2, 3, 2), ()):
        mugrade.submit(ndl.negate(tensor(*shape)).numpy())
    mugrade.submit((1 - tensor(4)).numpy())
    submit_dtype_for_float32(ndl.negate, (2, 2))


def submit_log() -> None:
    """Natural logarithms"""
    for shape in ((6,), (2, 3, 2), ()):
        mugrade.submit(ndl.log(tensor(*shape, low=0.1, high=5.0)).numpy())
    submit_dtype_for_float32(ndl.log, (2, 2))


def submit_exp() -> None:
    """Exponentials of numbers on both sides of zero"""
    for shape in ((6,), (2, 3, 2), ()):
        mugrade.submit(ndl.exp(tensor(*shape, low=-4.0, high=4.0)).numpy())
    submit_dtype_for_float32(ndl.exp, (2, 2))


def submit_relu() -> None:
    """Positive numbers stay, zero and negative ones become zero, and the input is left alone"""
    for shape in ((12,), (2, 5, 2)):
        a = tensor(*shape, low=-5.0, high=5.0)
        mugrade.submit(ndl.relu(a).numpy())
        mugrade.submit(a.numpy())
    mugrade.submit(ndl.relu(ndl.Tensor(np.array([-1.0, 0.0, 2.5]) * np.random.rand())).numpy())
    submit_dtype_for_float32(ndl.relu, (2, 2))
