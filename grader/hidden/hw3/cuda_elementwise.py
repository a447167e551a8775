"""Hidden cases of hw3, cuda_elementwise: the CUDA kernels element by element, of arrays and of numbers."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import mugrade
import numpy as np
from needle import backend_ndarray as nd

CUDA = nd.cuda()
# A part of a block, around one and two whole blocks, and several of which the last is not full.
SIZES = (1, 19, 255, 256, 257, 512, 1900)


def put(values):
    values = np.asarray(values, dtype=np.float32)
    array = CUDA.Array(values.size)
    CUDA.from_numpy(values, array)
    return array


def get(array):
    return CUDA.to_numpy(array, (array.size,), (1,), 0)


def numbers(size, low=-3.0, high=3.0):
    return np.random.uniform(low, high, size=size).astype(np.float32)


def away_from_zero(size):
    return numbers(size, 0.5, 3.0) * np.random.choice([-1, 1], size=size).astype(np.float32)


def hand_over(name, *arguments) -> None:
    """What a kernel makes of arrays and numbers, into a new array."""
    out = CUDA.Array(np.size(arguments[0]))
    getattr(CUDA, name)(*(float(x) if np.ndim(x) == 0 else put(x) for x in arguments), out)
    mugrade.submit(get(out))


def submit_mul() -> None:
    """ewise_mul: two arrays"""
    for size in SIZES:
        hand_over("ewise_mul", numbers(size), numbers(size))


def submit_scalar_mul() -> None:
    """scalar_mul: an array and a number"""
    for size in SIZES:
        for value in (np.random.uniform(0.2, 0.8), np.random.uniform(-3.8, -3.2), 0.0):
            hand_over("scalar_mul", numbers(size), value)


def submit_div() -> None:
    """ewise_div: two arrays, and divisors that are zero"""
    for size in SIZES:
        hand_over("ewise_div", away_from_zero(size), away_from_zero(size))
    hand_over("ewise_div", [1.5, -2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0])


def submit_scalar_div() -> None:
    """scalar_div: an array and a number"""
    for size in SIZES:
        for value in (np.random.uniform(0.2, 0.8), np.random.uniform(-3.8, -3.2)):
            hand_over("scalar_div", away_from_zero(size), value)


def submit_power() -> None:
    """scalar_power: whole and other powers, of numbers above and below zero"""
    for size in SIZES:
        for value in (2, 0.5, -1, 0, np.random.uniform(2.2, 2.8), np.random.uniform(-0.8, -0.3)):
            hand_over("scalar_power", numbers(size, 0.5, 3.0), value)
        for value in (2, 3, -1, -2):
            hand_over("scalar_power", -numbers(size, 0.5, 3.0), value)
    hand_over("scalar_power", np.zeros(3), 2)


def submit_maximum() -> None:
    """ewise_maximum: numbers of both signs, of one sign, equal ones"""
    for size in SIZES:
        for low, high in ((-3, 3), (-5, -1), (1, 5)):
            hand_over("ewise_maximum", numbers(size, low, high), numbers(size, low, high))
    same = numbers(9)
    hand_over("ewise_maximum", same, same)


def submit_scalar_maximum() -> None:
    """scalar_maximum: numbers of both signs, of one sign"""
    for size in SIZES:
        for low, high in ((-3, 3), (-5, -1), (1, 5)):
            hand_over("scalar_maximum", numbers(size, low, high), np.random.uniform(low, high))
    same = numbers(9)
    hand_over("scalar_maximum", same, same[4])


def neighbours(size):
    """Numbers, and others of which each is the same, the next larger or the next smaller float32."""
    a = away_from_zero(size) * np.float32(10.0) ** np.random.randint(-6, 7, size=size).astype(np.float32)
    towards = np.random.permutation(np.resize([-np.inf, 0.0, np.inf], size)).astype(np.float32)
    return a, np.where(towards == 0, a, np.nextafter(a, towards))


def hand_over_comparison(name) -> None:
    for size in SIZES:
        a, b = numbers(size), numbers(size)
        hand_over(f"ewise_{name}", a, np.where(np.arange(size) % 3 == 0, a, b))
        hand_over(f"ewise_{name}", *neighbours(size))
        hand_over(f"ewise_{name}", np.random.randint(-1, 2, size=size), np.random.randint(-1, 2, size=size))
        hand_over(f"ewise_{name}", numbers(size, -3, -1), numbers(size, 1, 3))


def hand_over_scalar_comparison(name) -> None:
    for size in SIZES:
        value = away_from_zero(1)[0]
        near = [np.nextafter(value, np.float32(-np.inf)), value, np.nextafter(value, np.float32(np.inf)), -value, 0.0]
        hand_over(f"scalar_{name}", near, value)
        hand_over(f"scalar_{name}", np.append(numbers(size), value), value)
        hand_over(f"scalar_{name}", np.random.randint(-1, 2, size=size), 0.0)


def submit_eq() -> None:
    """ewise_eq: equal numbers, neighbours, any others"""
    hand_over_comparison("eq")


def submit_scalar_eq() -> None:
    """scalar_eq: the number itself, its neighbours, any others"""
    hand_over_scalar_comparison("eq")


def submit_ge() -> None:
    """ewise_ge: equal numbers, neighbours, any others"""
    hand_over_comparison("ge")


def submit_scalar_ge() -> None:
    """scalar_ge: the number itself, its neighbours, any others"""
    hand_over_scalar_comparison("ge")


def submit_comparisons_with_nan() -> None:
    """All comparisons: NaN and infinities"""
    special = np.array([np.nan, np.inf, -np.inf, 0.0, 1.0])
    for name in ("eq", "ge"):
        hand_over(f"ewise_{name}", np.repeat(special, 5), np.tile(special, 5))
        for value in special:
            hand_over(f"scalar_{name}", special, value)


def submit_log() -> None:
    """ewise_log: numbers above zero, small and large; zero and below"""
    for size in SIZES:
        hand_over("ewise_log", numbers(size, 0.1, 9.0))
        hand_over("ewise_log", np.float32(10.0) ** np.random.uniform(-20, 20, size=size).astype(np.float32))
    hand_over("ewise_log", [0.0, -1.0, 1.0, np.inf])


def submit_exp() -> None:
    """ewise_exp: numbers of both signs, small ones and large ones"""
    for size in SIZES:
        hand_over("ewise_exp", numbers(size))
        hand_over("ewise_exp", numbers(size, 10.0, 80.0))
    hand_over("ewise_exp", [0.0, 120.0, -200.0])


def submit_tanh() -> None:
    """ewise_tanh: numbers of both signs, near zero and far from it"""
    for size in SIZES:
        hand_over("ewise_tanh", numbers(size))
        hand_over("ewise_tanh", away_from_zero(size) * 100)
    hand_over("ewise_tanh", [0.0, 1e30, -1e30])


def submit_into_an_input() -> None:
    """All kernels: results written over the numbers they are computed from"""
    for size in (21, 600):
        for name in ("mul", "div", "maximum", "eq", "ge"):
            for which in (0, 1):
                arrays = put(away_from_zero(size)), put(away_from_zero(size))
                getattr(CUDA, f"ewise_{name}")(*arrays, arrays[which])
                mugrade.submit(get(arrays[which]))
                mugrade.submit(get(arrays[1 - which]))
        for name in ("mul", "div", "maximum", "eq", "ge", "power"):
            array = put(numbers(size, 0.5, 3.0))
            getattr(CUDA, f"scalar_{name}")(array, float(np.random.uniform(1.2, 2.0)), array)
            mugrade.submit(get(array))
        for name in ("log", "exp", "tanh"):
            array = put(numbers(size, 0.5, 3.0))
            getattr(CUDA, f"ewise_{name}")(array, array)
            mugrade.submit(get(array))


def submit_many() -> None:
    """Some kernels: more elements than 16 bits can count"""
    for name, values in (
        ("ewise_mul", (numbers(70_000), numbers(70_000))),
        ("scalar_maximum", (numbers(70_000), 0.5)),
        ("ewise_tanh", (numbers(70_000),)),
    ):
        out = CUDA.Array(70_000)
        getattr(CUDA, name)(*(value if np.ndim(value) == 0 else put(value) for value in values), out)
        mugrade.submit(get(out)[::97])
