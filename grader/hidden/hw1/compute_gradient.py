"""Hidden cases of hw1, reverse mode. They use only operators that are given, or made here."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import needle as ndl
import numpy as np


class Sine(ndl.autograd.TensorOp):
    """sin(a), or with a shift of half pi its derivative."""

    def __init__(self, shift=0.0):
        self.shift = shift

    def compute(self, a):
        return np.sin(a + self.shift)

    def gradient(self, out_grad, node):
        return out_grad * Sine(self.shift + np.pi / 2)(node.inputs[0])


class Product(ndl.autograd.TensorOp):
    """a * b * c; its gradient is a list."""

    def compute(self, a, b, c):
        return a * b * c

    def gradient(self, out_grad, node):
        a, b, c = node.inputs
        return [out_grad * b * c, out_grad * a * c, out_grad * a * b]


def tensor(*shape):
    return ndl.Tensor(np.random.uniform(-2.0, 2.0, size=shape))


def submit_grads(*nodes):
    for node in nodes:
        mugrade.submit(node.grad.numpy())


def submit_polynomial() -> None:
    """A polynomial in one variable"""
    x = tensor(4)
    (x * x * x + x * x * 2 + x * -3 + 1).backward()
    submit_grads(x)


def submit_two_variables() -> None:
    """Two variables that are used more than once"""
    x, y = tensor(2, 3), tensor(2, 3)
    ((x + y) * (x * y) + y * y).backward()
    submit_grads(x, y)


def submit_intermediates() -> None:
    """Every node has its gradient, those in between included"""
    x, y = tensor(3), tensor(3)
    product = x * y
    total = product + x
    square = total * total
    last = square * product
    last.backward()
    submit_grads(last, square, total, product, x, y)


def submit_paths_of_different_length() -> None:
    """A node that is used near the result and far from it"""
    x = tensor(3)
    near = x * x
    far = near
    for _ in range(4):
        far = Sine()(far) * x
    (near * far + far).backward()
    submit_grads(near, x)


def submit_wide() -> None:
    """A node with many users"""
    x = tensor(3)
    total = x * 0.5
    for factor in np.random.uniform(-1.0, 1.0, size=20):
        total = total + x * factor * x
    total.backward()
    submit_grads(x)


def submit_out_grad() -> None:
    """A gradient that is given for the result"""
    x, y = tensor(2, 2), tensor(2, 2)
    result = x * y + x
    result.backward(tensor(2, 2))
    submit_grads(result, x, y)


def submit_variables() -> None:
    """The function itself, called for a node in the middle of a graph"""
    x, y = tensor(3), tensor(3)
    middle = x * y
    last = middle * middle + x
    ndl.autograd.compute_gradient_of_variables(middle, tensor(3))
    submit_grads(middle, x, y)
    ndl.autograd.compute_gradient_of_variables(last, tensor(3))
    submit_grads(last, middle, x, y)


def submit_twice() -> None:
    """A second backward pass, through the same graph and through another"""
    x, y = tensor(3), tensor(3)
    result = x * x * y
    for _ in range(2):
        result.backward()
        submit_grads(x, y)
    (x + x * y).backward()
    submit_grads(x, y)


def submit_several_inputs() -> None:
    """Operators with three inputs, and one whose gradient is a list"""
    x, y, z = tensor(3), tensor(3), tensor(3)
    (Product()(x, y, z) + Product()(x, x, Sine()(y))).backward()
    submit_grads(x, y, z)


def submit_gradient_of_gradient() -> None:
    """The gradient of a gradient"""
    x, y = tensor(3), tensor(3)
    (x * x * x * y + Sine()(x * y)).backward()
    first = x.grad
    mugrade.submit(first.numpy())
    first.backward()
    submit_grads(x, y)


def submit_third_derivative() -> None:
    """Three backward passes, one after another"""
    x = tensor(4)
    (Sine()(x) * x * x).backward()
    for _ in range(2):
        submit_grads(x)
        x.grad.backward()
    submit_grads(x)


def submit_hessian_vector_product() -> None:
    """The gradient of a gradient in a direction"""
    x, y = tensor(4), tensor(4)
    (x * x * y * y + Sine()(x) * y).backward()
    along = x.grad * tensor(4) + y.grad * tensor(4)
    along.backward()
    submit_grads(x, y)


def submit_float32() -> None:
    """Gradients of float32 tensors"""
    x, y = (ndl.Tensor(np.random.rand(3), dtype="float32") for _ in range(2))
    (x * y + x).backward()
    submit_grads(x, y)
    mugrade.submit(x.grad.numpy().dtype)
