"""The library's own kernels of layers, on every instruction set that this machine has and with several threads, against
NumPy in float64; and what they say to arguments that do not fit.
"""

from __future__ import annotations

import native
import numpy as np
import pytest

fast = native.LOADED["fast"]
if isinstance(fast, str):
    pytest.skip(fast, allow_module_level=True)


@pytest.fixture(
    params=[(isa, threads) for isa in fast.isas() for threads in (1, 3)], ids=lambda param: f"{param[0]}-{param[1]}"
)
def kernels(request: pytest.FixtureRequest):
    """The module, set to one instruction set and one number of threads."""
    isa, threads = request.param
    before = fast.isa(), fast.threads()
    fast.set_isa(isa)
    fast.set_threads(threads)
    yield fast
    fast.set_isa(before[0])
    fast.set_threads(before[1])


def put(values: np.ndarray) -> object:
    return native.put(fast, values)


def unset(*shape: int) -> object:
    """An array for a result, in which what is not written shows."""
    array = fast.Array(int(np.prod(shape)))
    fast.fill(array, float("nan"))
    return array


def near(array: object, exact: np.ndarray, tolerance: float = 2e-5) -> None:
    ours = native.get(fast, array).reshape(exact.shape)
    np.testing.assert_allclose(ours, exact, rtol=tolerance, atol=tolerance * max(1.0, np.abs(exact).max(initial=0)))


# Less than a vector of columns, whole vectors, one more; few rows, and enough of them for threads and for bands.
SHAPES = [(1, 1), (3, 5), (40, 16), (7, 33), (130, 64), (2500, 70), (3, 10_007)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_rows(kernels, rng, shape):
    a, row = native.numbers(rng, *shape), native.numbers(rng, shape[1])
    out = unset(*shape)
    kernels.add_row(put(a), put(row), out, *shape)
    np.testing.assert_array_equal(native.get(fast, out), (a + row).ravel())
    mask = native.numbers(rng, *shape)
    mask[0, 0] = 0
    kernels.masked(put(a), put(mask), out)
    np.testing.assert_array_equal(native.get(fast, out), (a * (mask > 0)).ravel())


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_softmax(kernels, rng, shape, scale):
    a, g = (native.numbers(rng, *shape) * 10 for _ in range(2))
    out, grad = unset(*shape), unset(*shape)
    kernels.softmax(put(a), out, *shape, scale)
    shifted = np.exp(scale * (a.astype(np.float64) - a.max(axis=1, keepdims=True)))
    exact = shifted / shifted.sum(axis=1, keepdims=True)
    near(out, exact)
    kernels.softmax_gradient(put(exact), put(g), grad, *shape, scale)
    near(grad, scale * exact * (g - (exact * g).sum(axis=1, keepdims=True)))


@pytest.mark.parametrize(("matrices", "queries", "keys"), [(3, 1, 1), (2, 5, 5), (4, 20, 37), (2, 40, 40)])
def test_causal_softmax_takes_nothing_from_later_columns(kernels, rng, matrices, queries, keys):
    a = native.numbers(rng, matrices, queries, keys)
    hidden = np.triu(np.ones((queries, keys), bool), keys - queries + 1)
    a[:, hidden] = 1e30
    out, grad = unset(*a.shape), unset(*a.shape)
    kernels.softmax(put(a), out, matrices * queries, keys, 1.0, queries)
    exponentials = np.where(hidden, 0, np.exp(np.where(hidden, 0, a).astype(np.float64)))
    exact = exponentials / exponentials.sum(axis=-1, keepdims=True)
    near(out, exact)
    assert (native.get(fast, out).reshape(a.shape)[:, hidden] == 0).all()
    g = native.numbers(rng, *a.shape)
    kernels.softmax_gradient(put(exact), put(g), grad, matrices * queries, keys, 1.0, queries)
    near(grad, exact * (g - (exact * g).sum(axis=-1, keepdims=True)))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_cross_entropy(kernels, rng, shape):
    z, labels = native.numbers(rng, *shape) * 20, rng.integers(0, shape[1], shape[0])
    losses, sums, grad = unset(shape[0]), unset(shape[0]), unset(*shape)
    kernels.cross_entropy(put(z), put(labels), losses, sums, *shape)
    wide = z.astype(np.float64)
    exact = np.log(np.exp(wide - wide.max(axis=1, keepdims=True)).sum(axis=1)) + wide.max(axis=1)
    near(sums, exact)
    near(losses, exact - wide[np.arange(shape[0]), labels])
    kernels.cross_entropy_gradient(put(z), put(labels), put(exact), 0.25, grad, *shape)
    near(grad, 0.25 * (np.exp(wide - exact[:, None]) - np.eye(shape[1])[labels]), 1e-4)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_layer_norm(kernels, rng, shape):
    x, g, w, b = (native.numbers(rng, *each) for each in (shape, shape, shape[1:], shape[1:]))
    x = 2 * x + 3
    out, means, scales = unset(*shape), unset(shape[0]), unset(shape[0])
    kernels.layer_norm(put(x), put(w), put(b), 0.1, out, means, scales, *shape)
    wide = x.astype(np.float64)
    scale = 1 / np.sqrt(wide.var(axis=1, keepdims=True) + 0.1)
    normal = (wide - wide.mean(axis=1, keepdims=True)) * scale
    near(out, normal * w + b)
    near(means, wide.mean(axis=1))
    near(scales, scale[:, 0])
    by_x, by_w, by_b = unset(*shape), unset(shape[1]), unset(shape[1])
    kernels.layer_norm_gradient(put(g), put(x), put(w), means, scales, by_x, by_w, by_b, *shape)
    passed = g.astype(np.float64) * w
    slope = (passed * normal).mean(axis=1, keepdims=True)
    near(by_x, scale * (passed - passed.mean(axis=1, keepdims=True) - normal * slope), 5e-5)
    near(by_w, (g * normal).sum(axis=0), 1e-4)
    near(by_b, g.astype(np.float64).sum(axis=0), 1e-4)


@pytest.mark.parametrize(
    "shape", [(1, 1, 1), (130, 3, 1), (700, 33, 1), (6, 5, 12), (40, 20, 64), (3, 2, 1000), (90, 17, 4)], ids=str
)
def test_batch_norm(kernels, rng, shape):
    x, g, w, b = (native.numbers(rng, *each) for each in (shape, shape, shape[1:2], shape[1:2]))
    x = 2 * x + 3
    out, means, variances = unset(*shape), unset(shape[1]), unset(shape[1])
    kernels.batch_norm(put(x), put(w), put(b), 0.1, out, means, variances, *shape)
    wide, over = x.astype(np.float64), (0, 2)
    scale = 1 / np.sqrt(wide.var(axis=over, keepdims=True) + 0.1)
    normal = (wide - wide.mean(axis=over, keepdims=True)) * scale
    near(out, normal * w[:, None] + b[:, None])
    near(means, wide.mean(axis=over))
    near(variances, wide.var(axis=over))
    by_x, by_w, by_b = unset(*shape), unset(shape[1]), unset(shape[1])
    kernels.batch_norm_gradient(put(g), put(x), put(w), means, variances, 0.1, by_x, by_w, by_b, *shape)
    passed = g.astype(np.float64) * w[:, None]
    slope = (passed * normal).mean(axis=over, keepdims=True)
    near(by_x, scale * (passed - passed.mean(axis=over, keepdims=True) - normal * slope), 5e-5)
    near(by_w, (g * normal).sum(axis=over), 1e-4)
    near(by_b, g.astype(np.float64).sum(axis=over), 1e-4)


@pytest.mark.parametrize(("count", "dim", "rows"), [(1, 1, 1), (5, 3, 40), (50, 130, 700), (7, 64, 0)])
def test_rows_of_tables(kernels, rng, count, dim, rows):
    table, ids, a = native.numbers(rng, count, dim), rng.integers(0, count, rows), native.numbers(rng, rows, dim)
    out, sums = unset(rows, dim), put(table)
    kernels.gather(put(table), put(ids), out, count, dim)
    np.testing.assert_array_equal(native.get(fast, out), table[ids].ravel())
    kernels.scatter_add(put(a), put(ids), sums, count, dim)
    exact = table.astype(np.float64)
    np.add.at(exact, ids, a)
    near(sums, exact)


def lstm(weight: np.ndarray, h: np.ndarray, c: np.ndarray, gates: np.ndarray) -> tuple[list, list]:
    """All states, in float64."""
    hidden, cells = [], []
    for added in gates:
        i, f, g, o = np.split(added + h @ weight, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-each)) for each in (i, f, o))
        c = f * c + i * np.tanh(g)
        h = o * np.tanh(c)
        hidden.append(h)
        cells.append(c)
    return hidden, cells


@pytest.mark.parametrize(("steps", "batch", "units"), [(1, 1, 1), (3, 2, 5), (4, 16, 40), (2, 13, 150)])
def test_lstm(kernels, rng, steps, batch, units):
    shapes = (units, 4 * units), (batch, units), (batch, units), (steps, batch, 4 * units)
    weight, h0, c0, gates = arguments = [native.numbers(rng, *shape) for shape in shapes]
    weight /= units**0.5
    hidden, cells = unset(steps, batch, units), unset(steps, batch, units)
    state = put(gates)
    kernels.lstm(put(weight), put(h0), put(c0), state, hidden, cells, steps, batch, units)
    wide = [each.astype(np.float64) for each in arguments]
    exact = lstm(*wide)
    near(hidden, np.array(exact[0]))
    near(cells, np.array(exact[1]))

    # The gradient of a weighted sum of all hidden and the last states, against a central difference along a direction.
    weights = native.numbers(rng, steps, batch, units).astype(np.float64)
    by_h, by_c = native.numbers(rng, batch, units), native.numbers(rng, batch, units)

    def total(h: np.ndarray, c: np.ndarray, added: np.ndarray) -> float:
        found = lstm(wide[0], h, c, added)
        return (np.array(found[0]) * weights).sum() + (found[0][-1] * by_h).sum() + (found[1][-1] * by_c).sum()

    grads = put(by_h), put(by_c), unset(steps, batch, 4 * units)
    kernels.lstm_gradient(put(weight), put(c0), state, cells, put(weights), *grads, steps, batch, units)
    for _ in range(3):
        along = [rng.standard_normal(each.shape) for each in wide[1:]]
        step = 1e-5
        ends = (total(*(x + sign * step * d for x, d in zip(wide[1:], along, strict=True))) for sign in (1, -1))
        expected = (next(ends) - next(ends)) / (2 * step)
        products = [native.get(fast, each).reshape(d.shape) * d for each, d in zip(grads, along, strict=True)]
        size = sum(np.abs(each).sum() for each in products)
        assert abs(sum(each.sum() for each in products) - expected) <= 1e-5 * size


def test_nothing_at_all(kernels):
    none, row = kernels.Array(0), put(np.ones(4))
    kernels.add_row(none, row, kernels.Array(0), 0, 4)
    kernels.softmax(none, kernels.Array(0), 0, 4)
    kernels.softmax(none, kernels.Array(0), 4, 0)
    kernels.cross_entropy(none, none, kernels.Array(0), kernels.Array(0), 0, 4)
    kernels.layer_norm(none, row, row, 0.1, kernels.Array(0), kernels.Array(0), kernels.Array(0), 0, 4)
    by_weight, by_bias = unset(4), unset(4)
    kernels.layer_norm_gradient(none, none, row, none, none, kernels.Array(0), by_weight, by_bias, 0, 4)
    np.testing.assert_array_equal(native.get(fast, by_weight), 0)
    np.testing.assert_array_equal(native.get(fast, by_bias), 0)
    empty = [kernels.Array(0) for _ in range(6)]
    kernels.lstm(*empty, 0, 3, 0)


def sized(*sizes: int) -> list[object]:
    return [fast.Array(size) for size in sizes]


WRONG = {
    "add_row": (sized(6, 2, 6), (2, 3), "row must have 3 elements"),
    "masked": (sized(6, 5, 6), (), "mask must have 6 elements"),
    "softmax": (sized(6, 6), (2, 3, 1.0, 4), "queries must be 0"),
    "softmax_gradient": (sized(6, 6, 6), (2, 3, 0.0), "scale must be above 0"),
    "cross_entropy": (sized(6, 2, 2, 3), (2, 3), "log_sums must have 2 elements"),
    "cross_entropy_gradient": ([*sized(6, 2, 2), 1.0, *sized(5)], (2, 3), "out must have 6 elements"),
    "layer_norm": ([*sized(6, 3, 3), 0.1, *sized(6, 2, 3)], (2, 3), "scales must have 2 elements"),
    "layer_norm_gradient": (sized(6, 6, 3, 2, 2, 6, 3, 2), (2, 3), "by_bias must have 3 elements"),
    "batch_norm": ([*sized(6, 3, 3), 0.1, *sized(6, 3, 2)], (2, 3, 1), "variances must have 3 elements"),
    "batch_norm_gradient": ([*sized(6, 6, 3, 3, 3), 0.1, *sized(6, 3, 3)], (2, 3, 2), "grad must have 12 elements"),
    "gather": (sized(6, 4, 11), (2, 3), "out must have 12 elements"),
    "scatter_add": (sized(6, 2, 6), (3, 3), "table must have 9 elements"),
    "lstm": (sized(4, 3, 1, 4, 1, 1), (1, 1, 1), "h0 must have 1 elements"),
    "lstm_gradient": (sized(4, 1, 4, 1, 1, 1, 1, 3), (1, 1, 1), "by_gates must have 4 elements"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_an_error(name):
    arrays, numbers, message = WRONG[name]
    with pytest.raises(ValueError, match=f"^{name}: .*{message}"):
        getattr(fast, name)(*arrays, *numbers)


@pytest.mark.parametrize("wrong", [3.0, -1.0, 0.5, np.nan, np.inf])
def test_ids_that_name_no_row_are_an_error(wrong):
    ids = put(np.array([0, wrong]))
    with pytest.raises(ValueError, match=r"^gather: ids must be whole numbers from 0 to 2"):
        fast.gather(*sized(9), ids, *sized(6), 3, 3)
    with pytest.raises(ValueError, match=r"^scatter_add: ids must be whole numbers from 0 to 2"):
        fast.scatter_add(*sized(6), ids, *sized(9), 3, 3)
    with pytest.raises(ValueError, match=r"^cross_entropy: labels must be whole numbers from 0 to 2"):
        fast.cross_entropy(*sized(6), ids, *sized(2, 2), 2, 3)


def test_results_are_arrays_of_their_own():
    a, row, means = sized(6, 3, 2)
    with pytest.raises(ValueError, match=r"^layer_norm: what is written must be arrays of their own"):
        fast.layer_norm(a, row, row, 0.1, fast.Array(6), means, means, 2, 3)
    with pytest.raises(ValueError, match=r"^gather: what is written"):
        fast.gather(a, fast.Array(2), a, 2, 3)
