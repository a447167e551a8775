"""Hidden cases of hw1, gradients of each operator, with no graph algorithm but the one written here."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np


def tensor(*shape, low=-2.0, high=2.0):
    return ndl.Tensor(np.random.uniform(low, high, size=shape))


def pull_back(node, adjoint, leaf):
    """The contributions to the gradient by `leaf`, one for each path from it to `node`."""
    if node is leaf:
        return [adjoint.numpy()]
    if node.op is None:
        return []
    partials = zip(node.inputs, node.op.gradient_as_tuple(adjoint, node), strict=True)
    return [found for value, partial in partials for found in pull_back(value, partial, leaf)]


def submit_gradients(f, *args, order=2):
    """The gradient of f by each argument, and (order 2) the gradients of those by each argument."""
    out = f(*args)
    gradients = out.op.gradient_as_tuple(tensor(*out.shape), out)
    for gradient in gradients:
        mugrade.submit(gradient.numpy())
        adjoint = tensor(*gradient.shape)
        for arg in args if order == 2 else ():
            mugrade.submit(sum(pull_back(gradient, adjoint, arg), np.zeros(arg.shape)))


def submit_power_scalar() -> None:
    """Gradients of powers with a number as exponent, and their gradients"""
    for scalar in (3, 2, 1, -2, 0.5):
        submit_gradients(lambda a, scalar=scalar: ndl.power_scalar(a, scalar), tensor(2, 3, low=0.5))
    submit_gradients(lambda a: ndl.power_scalar(a, 3), tensor(4, low=-2.0, high=-0.5))
    submit_gradients(lambda a: ndl.power_scalar(a, 3), tensor(low=0.5))


def submit_power() -> None:
    """Gradients of powers element by element, and their gradients"""
    for shape in ((4,), (2, 3), ()):
        submit_gradients(ndl.power, tensor(*shape, low=0.5), tensor(*shape))


def submit_divide() -> None:
    """Gradients of quotients, and their gradients"""
    for shape in ((4,), (2, 3), ()):
        submit_gradients(ndl.divide, tensor(*shape), tensor(*shape, low=0.5))


def submit_divide_scalar() -> None:
    """Gradients of quotients with a number below"""
    for shape, scalar in (((4,), 3), ((2, 3), -0.7), ((), 5.5)):
        submit_gradients(lambda a, scalar=scalar: ndl.divide_scalar(a, scalar), tensor(*shape), order=1)


def submit_transpose() -> None:
    """Gradients of swapping any two axes"""
    for axes in (None, (0, 1), (1, 3), (2, 0), (-1, 0), (-3, -1)):
        submit_gradients(lambda a, axes=axes: ndl.transpose(a, axes), tensor(2, 3, 4, 5), order=1)
    submit_gradients(lambda a: ndl.transpose(a, (0, 1)), tensor(3, 3, 3), order=1)


def submit_reshape() -> None:
    """Gradients of reshaping"""
    for old, new in (((6,), (2, 3)), ((2, 3, 4), (4, 6)), ((1, 1), ()), ((3, 4), (2, 1, 6))):
        submit_gradients(lambda a, new=new: ndl.reshape(a, new), tensor(*old), order=1)


def submit_broadcast_to() -> None:
    """Gradients of broadcasting along axes of size 1"""
    for old, new in (((3, 1), (3, 4)), ((1, 3, 1), (2, 3, 4)), ((2, 2), (2, 2)), ((1, 1), (1, 4))):
        submit_gradients(lambda a, new=new: ndl.broadcast_to(a, new), tensor(*old), order=1)


def submit_broadcast_to_new_axes() -> None:
    """Gradients of broadcasting along new axes, and from a single number"""
    for old, new in (((), (2, 3)), ((4,), (3, 4)), ((3, 3), (3, 3, 3)), ((1, 3, 1), (2, 5, 3, 4)), ((), (4,))):
        submit_gradients(lambda a, new=new: ndl.broadcast_to(a, new), tensor(*old), order=1)


def submit_summation() -> None:
    """Gradients of sums over all axes, one or several, counted from the front"""
    for axes in (None, 0, 1, 2, (1,), (0, 2), (2, 1), (0, 1, 2)):
        submit_gradients(lambda a, axes=axes: ndl.summation(a, axes=axes), tensor(3, 3, 3), order=1)
    submit_gradients(lambda a: ndl.summation(a, axes=1), tensor(2, 3, 4), order=1)


def submit_summation_from_the_end() -> None:
    """Gradients of sums over axes that are counted from the end"""
    for axes in (-1, -2, -3, (-1,), (-1, 0), (-2, -3), (1, -1)):
        submit_gradients(lambda a, axes=axes: ndl.summation(a, axes=axes), tensor(2, 3, 4), order=1)


def submit_matmul() -> None:
    """Gradients of products of two matrices, and their gradients"""
    for lhs, rhs in (((3, 4), (4, 2)), ((1, 5), (5, 1)), ((3, 3), (3, 3))):
        submit_gradients(ndl.matmul, tensor(*lhs), tensor(*rhs))


def submit_matmul_batched() -> None:
    """Gradients of products of batches of matrices"""
    for lhs, rhs in (((6, 3, 4), (6, 4, 2)), ((2, 2, 3, 4), (2, 2, 4, 3))):
        submit_gradients(ndl.matmul, tensor(*lhs), tensor(*rhs))


def submit_matmul_broadcast() -> None:
    """Gradients of products whose batch dimensions broadcast, either way and both"""
    shapes = [((6, 3, 4), (4, 2)), ((3, 4), (6, 4, 2)), ((2, 6, 3, 4), (6, 4, 2)), ((3, 4), (2, 3, 4, 2))]
    shapes += [((5, 1, 3, 4), (6, 4, 2)), ((1, 3, 4), (6, 4, 2)), ((5, 3, 3), (1, 3, 3))]
    for lhs, rhs in shapes:
        submit_gradients(ndl.matmul, tensor(*lhs), tensor(*rhs))


def submit_negate() -> None:
    """Gradients of negatives"""
    for shape in ((4,), (2, 3), ()):
        submit_gradients(ndl.negate, tensor(*shape), order=1)


def submit_log() -> None:
    """Gradients of logarithms, and their gradients"""
    for shape in ((4,), (2, 3), ()):
        submit_gradients(ndl.log, tensor(*shape, low=0.2))


def submit_exp() -> None:
    """Gradients of exponentials, and their gradients"""
    for shape in ((4,), (2, 3), ()):
        submit_gradients(ndl.exp, tensor(*shape))


def submit_relu() -> None:
    """Gradients of relu on both sides of zero"""
    for shape in ((12,), (2, 5, 2)):
        sides = np.random.choice([-1.0, 1.0], size=shape)
        submit_gradients(ndl.relu, ndl.Tensor(sides * np.random.uniform(0.1, 2.0, size=shape)), order=1)


def submit_relu_at_zero() -> None:
    """The gradient of relu at zero"""
    submit_gradients(ndl.relu, ndl.Tensor(np.array([0.0, 1.0, 0.0, -1.0])), order=1)
    submit_gradients(ndl.relu, ndl.Tensor(np.zeros((2, 2))), order=1)
