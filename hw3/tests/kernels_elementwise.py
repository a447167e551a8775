"""Kernels that compute element by element, beside NumPy's functions: the tests that every device's have to pass.

`test_cpu_elementwise.py` and `test_cuda_elementwise.py` take them in and say what `device` is.
"""

import numpy as np
import pytest
from arrays import close, get, numbers, put, same
from needle import backend_ndarray as nd

EWISE = {
    "mul": np.multiply,
    "div": np.divide,
    "maximum": np.maximum,
    "eq": np.equal,
    "ge": np.greater_equal,
}
SCALAR = {**EWISE, "power": np.power}
UNARY = {"log": np.log, "exp": np.exp, "tanh": np.tanh}
# One element, what vectors of 4 to 16 elements are made of and more, around one and two blocks of 256 threads, and
# several blocks of which the last is not full.
SIZES = (1, 3, 8, 17, 64, 255, 256, 257, 512, 2003)
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, 1.0, -1.0, 2.5, -2.5, 1e30, -1e30, 1e-30]


def by_numpy(function, *values):
    """In float64, then rounded to float32."""
    with np.errstate(all="ignore"):
        result = function(*(np.asarray(value, dtype=np.float32).astype(np.float64) for value in values))
        return np.asarray(result).astype(np.float32)


def ewise(device, name, a, b):
    out = device.Array(a.size)
    getattr(device, f"ewise_{name}")(put(device, a), put(device, b), out)
    return get(device, out)


def scalar(device, name, a, value):
    out = device.Array(a.size)
    getattr(device, f"scalar_{name}")(put(device, a), float(value), out)
    return get(device, out)


def unary(device, name, a):
    out = device.Array(a.size)
    getattr(device, f"ewise_{name}")(put(device, a), out)
    return get(device, out)


@pytest.mark.parametrize("name", EWISE)
def test_ewise(device, rng, name):
    for size in SIZES:
        a, b = numbers(rng, size), numbers(rng, size)
        b[::3] = a[::3]
        close(ewise(device, name, a, b), by_numpy(EWISE[name], a, b), rtol=1e-6, atol=0, message=f"{size} elements")


@pytest.mark.parametrize("name", SCALAR)
def test_scalar(device, rng, name):
    for size in SIZES:
        a = numbers(rng, size, low=0.1 if name == "power" else -3.0)
        for value in (a[0], np.float32(-0.7), 3, 0.5, 1, -2):
            found, wanted = scalar(device, name, a, value), by_numpy(SCALAR[name], a, value)
            close(found, wanted, rtol=1e-5, atol=0, message=f"{size} elements and {value}")


@pytest.mark.parametrize("name", UNARY)
def test_unary(device, rng, name):
    for size in SIZES:
        a = numbers(rng, size, low=0.01 if name == "log" else -8.0, high=8.0)
        close(unary(device, name, a), by_numpy(UNARY[name], a), rtol=1e-5, message=f"{size} elements")


@pytest.mark.parametrize("name", ["ewise_mul", "scalar_mul", "ewise_exp"])
def test_more_elements_than_16_bits_can_count(device, rng, name):
    a, b = numbers(rng, 70_000), numbers(rng, 70_000)
    if name == "ewise_mul":
        same(ewise(device, "mul", a, b), a * b)
    elif name == "scalar_mul":
        same(scalar(device, "mul", a, 1.5), a * np.float32(1.5))
    else:
        close(unary(device, "exp", a), by_numpy(np.exp, a))


# What makes one function different from its neighbours


def test_maximum_of_negative_numbers(device, rng):
    a, b = numbers(rng, 50, low=-3, high=-1), numbers(rng, 50, low=-3, high=-1)
    same(ewise(device, "maximum", a, b), np.maximum(a, b))
    same(scalar(device, "maximum", a, -2), np.maximum(a, np.float32(-2)))


@pytest.mark.parametrize("name", ["eq", "ge"])
def test_comparisons_of_equal_numbers_and_of_neighbours(device, rng, name):
    """Next to each number are the two that differ from it in the last bit."""
    a = np.concatenate([numbers(rng, 20), numbers(rng, 20) * np.float32(1e-6), numbers(rng, 20) * np.float32(1e6)])
    for b in (a, np.nextafter(a, np.float32(np.inf)), np.nextafter(a, np.float32(-np.inf))):
        same(ewise(device, name, a, b), EWISE[name](a, b))
    for value in a[::7]:
        near = np.array([np.nextafter(value, -np.inf), value, np.nextafter(value, np.inf)], dtype=np.float32)
        same(scalar(device, name, near, value), EWISE[name](near, value))


def test_power(device, rng):
    """Negative numbers to a whole power have a result, and to another NaN; 0 to the power of 0 is 1."""
    a = np.append(numbers(rng, 20), np.zeros(2, np.float32))
    for value in (-3, -2, -1, 0, 1, 2, 3, 4, 0.5, 1.5, -0.5):
        close(scalar(device, "power", a, value), by_numpy(np.power, a, value), rtol=1e-5, atol=0, message=f"to {value}")


def test_log_and_exp_at_their_ends(device):
    same(unary(device, "log", np.array([0, -1, 1, np.inf])), [-np.inf, np.nan, 0, np.inf])
    same(unary(device, "exp", np.array([100, -200, 0, -np.inf])), [np.inf, 0, 1, 0])


def test_tanh_far_from_zero(device):
    """e to the power of 200 is more than a float32 can be, and tanh is 1 all the same."""
    same(unary(device, "tanh", np.array([20, 100, 1e30, np.inf, -20, -100, -1e30, -np.inf])), [1.0] * 4 + [-1.0] * 4)


@pytest.mark.parametrize("name", EWISE)
def test_ewise_of_special_values(device, name):
    """Every pair of them. NaN is an element as any other."""
    a, b = (each.ravel() for each in np.meshgrid(SPECIAL, SPECIAL))
    close(ewise(device, name, a, b), by_numpy(EWISE[name], a, b), rtol=1e-6, atol=0)


@pytest.mark.parametrize("name", EWISE)
def test_scalar_of_special_values(device, name):
    a = np.array(SPECIAL)
    for value in SPECIAL:
        close(
            scalar(device, name, a, value), by_numpy(EWISE[name], a, value), rtol=1e-6, atol=0, message=f"with {value}"
        )


@pytest.mark.parametrize("name", UNARY)
def test_unary_of_special_values(device, name):
    close(unary(device, name, np.array(SPECIAL)), by_numpy(UNARY[name], SPECIAL))


# Where the result goes


@pytest.mark.parametrize("name", EWISE)
def test_ewise_into_an_input(device, rng, name):
    a, b = numbers(rng, 600), numbers(rng, 600)
    for which in (0, 1):
        arrays = put(device, a), put(device, b)
        getattr(device, f"ewise_{name}")(*arrays, arrays[which])
        close(get(device, arrays[which]), by_numpy(EWISE[name], a, b))
        same(get(device, arrays[1 - which]), (b, a)[which], "the other input is read only")
    array = put(device, a)
    getattr(device, f"ewise_{name}")(array, array, array)
    close(get(device, array), by_numpy(EWISE[name], a, a))


@pytest.mark.parametrize("name", [*SCALAR, *UNARY])
def test_scalar_and_unary_into_the_input(device, rng, name):
    """Each element is computed once: twice would show here."""
    a = numbers(rng, 600, low=0.5)
    array = put(device, a)
    if name in UNARY:
        getattr(device, f"ewise_{name}")(array, array)
        close(get(device, array), by_numpy(UNARY[name], a))
    else:
        getattr(device, f"scalar_{name}")(array, 1.5, array)
        close(get(device, array), by_numpy(SCALAR[name], a, 1.5))


# As operators of NDArray call them

OPERATORS = {
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "ge": lambda a, b: a >= b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "lt": lambda a, b: a < b,
    "sub": lambda a, b: a - b,
}


@pytest.mark.parametrize("name", OPERATORS)
@pytest.mark.parametrize("shape", [(), (1,), (7,), (30, 40), (2, 1, 3, 2)], ids=str)
def test_operators(device, rng, name, shape):
    a, b = numbers(rng, *shape), rng.integers(-2, 3, size=shape).astype(np.float32)
    b[b == 0] = 4
    operator = OPERATORS[name]
    close(operator(nd.array(a, device=device), nd.array(b, device=device)).numpy(), operator(a, b))
    close(operator(nd.array(b, device=device), 4.0).numpy(), operator(b, np.float32(4)))
    close(operator(nd.array(b, device=device), nd.array(b, device=device)).numpy(), operator(b, b))


def test_methods(device, rng):
    a = numbers(rng, 3, 4, low=0.1)
    array = nd.array(a, device=device)
    for found, wanted in (
        (array.log(), np.log(a)),
        (array.exp(), np.exp(a)),
        (array.tanh(), np.tanh(a)),
        (array.maximum(1.0), np.maximum(a, 1)),
        (array**2, a**2),
        (array**-0.5, a**-0.5),
        (-array, -a),
        (1.0 / array, 1 / a),
        (2.0 - array, 2 - a),
    ):
        assert found.device == device
        close(found.numpy(), wanted)
