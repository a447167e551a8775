"""Views of an NDArray: the strides that NumPy has, over the same memory, and no element touched."""

from __future__ import annotations

import numpy as np
import pytest
from ndarray_views import indexed, random_shape, random_slice, random_view, same
from needle import backend_ndarray as nd

RUNS = range(12)


def require_view(view: nd.NDArray, expected: np.ndarray, of: nd.NDArray, *, strides: bool = True) -> None:
    """The same elements and strides as NumPy's view, and the memory of the array it was made of."""
    same(view, expected)
    assert view._handle.ptr() == of._handle.ptr()
    assert view._handle is of._handle
    if strides and expected.size:
        assert view.strides == tuple(step // 4 for step in expected.strides)


@pytest.mark.parametrize("run", RUNS)
def test_permute(run, device, rng):
    expected, a = random_view(rng, random_shape(rng), device)
    axes = tuple(int(axis) for axis in rng.permutation(a.ndim))
    require_view(a.permute(axes), expected.transpose(axes), a)
    require_view(a.permute([axis - a.ndim for axis in axes]), expected.transpose(axes), a)
    require_view(a.T, expected.T, a)


@pytest.mark.parametrize("run", RUNS)
def test_broadcast_to(run, device, rng):
    """Any shape, some of its sizes made 1 and some leading axes dropped, goes back to itself."""
    new = random_shape(rng)
    old = tuple(1 if rng.random() < 0.5 else size for size in new)[int(rng.integers(0, len(new) + 1)) :]
    expected, a = random_view(rng, old, device)
    require_view(a.broadcast_to(new), np.broadcast_to(expected, new), a)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((), ()),
        ((), (1, 1)),
        ((1,), ()),
        ((6,), (2, 3)),
        ((2, 3, 4), (4, 6)),
        ((2, 3, 4), (24,)),
        ((4, 6), (2, 2, 3, 2)),
        ((0, 3), (3, 0)),
        ((1,) * 9, (1,)),
        ((2,) * 9, (512,)),
    ],
    ids=str,
)
def test_reshape(old, new, device, rng):
    expected = rng.normal(size=old).astype("float32")
    a = nd.array(expected, device=device)
    require_view(a.reshape(new), expected.reshape(new), a)
    require_view(a.flat, expected.ravel(), a)
    if expected.size:
        require_view(a.reshape((*new[:-1], -1)) if new else a.reshape((-1,)), expected.reshape((*new[:-1], -1)), a)
    require_view(nd.reshape(a, new), expected.reshape(new), a)


def test_reshape_refuses(device):
    a = nd.array(np.zeros((2, 3)), device=device)
    with pytest.raises(ValueError, match=r"6 elements of shape \(2, 3\) do not make shape \(4,\)"):
        a.reshape((4,))
    with pytest.raises(ValueError, match=r"do not make shape \(4, -1\)"):
        a.reshape((4, -1))
    views = {
        "permuted": a.permute((1, 0)),
        "sliced": a[:1],
        "reversed": a[::-1],
        "repeated": a[:1].broadcast_to((2, 3)),
    }
    for name, view in views.items():
        assert not view.is_compact(), name
        with pytest.raises(ValueError, match=r"compact\(\)"):
            view.reshape((view.size,))
        assert nd.reshape(view, (view.size,)).shape == (view.size,), name


@pytest.mark.parametrize("run", range(40))
def test_getitem(run, device, rng):
    """Numbers from both ends, slices of all kinds, `...`, and fewer indices than axes; views of views too."""
    expected, a = random_view(rng, random_shape(rng, empty=True), device)
    for _ in range(2):
        named = int(rng.integers(0, a.ndim + 1))
        indices = [
            int(rng.integers(-size, size)) if size and rng.random() < 0.3 else random_slice(rng, size, empty=True)
            for size in a.shape[:named]
        ]
        found = a[tuple(indices)] if len(indices) != 1 or rng.random() < 0.5 else a[indices[0]]
        require_view(found, indexed(expected, *indices), a, strides=False)
        for size, mine, theirs in zip(found.shape, found.strides, indexed(expected, *indices).strides, strict=True):
            # NumPy leaves the step out of the stride of a slice of one element or none, which nothing is multiplied by.
            assert mine == theirs // 4 or size < 2 or found.size == 0
        expected, a = indexed(expected, *indices), found


def test_getitem_with_dots(device, rng):
    expected, a = random_view(rng, (2, 3, 4, 5), device)
    for indices in ((..., slice(1, 3)), (slice(1), ...), (slice(1), ..., slice(2, 0, -1)), (...,)):
        require_view(a[indices], expected[indices], a, strides=False)


def test_getitem_refuses(device):
    a = nd.array(np.zeros((2, 3)), device=device)
    for wrong, error, message in (
        ((0, 0, 0), IndexError, r"3 indices for the 2 axes of an array of shape \(2, 3\)"),
        ((..., ...), IndexError, "indices for the 2 axes"),
        (2, IndexError, r"index 2 is outside of axis 0 of an array of shape \(2, 3\)"),
        ((0, -4), IndexError, "index -4 is outside of axis 1"),
        (1.0, TypeError, "a number or a slice, not float"),
        (None, TypeError, "a number or a slice, not NoneType"),
        ([0, 1], TypeError, "a number or a slice, not list"),
        (True, TypeError, "a number or a slice, not bool"),
        (slice(None, None, 0), ValueError, "zero"),
    ):
        with pytest.raises(error, match=message):
            a[wrong]


def test_broadcast_to_refuses(device):
    a = nd.array(np.zeros((3, 1)), device=device)
    for new in ((2, 1), (3,), (3, 1, 4), (0, 1), ()):
        with pytest.raises(AssertionError, match=r"\(3, 1\)"):
            a.broadcast_to(new)


def test_permute_refuses(device):
    a = nd.array(np.zeros((3, 1)), device=device)
    for axes in ((0,), (0, 0), (0, 2), (0, 1, 2), (1, -1)):
        with pytest.raises(ValueError, match="permute"):
            a.permute(axes)


@pytest.mark.parametrize("run", RUNS)
def test_compact(run, device, rng):
    expected, a = random_view(rng, random_shape(rng, empty=True), device)
    compact = a.compact()
    same(compact, expected)
    assert compact.is_compact()
    assert compact.strides == nd.NDArray.compact_strides(compact.shape)
    assert (compact._handle is a._handle) == a.is_compact()
    assert compact.compact() is compact
    copy = a.copy()
    same(copy, expected)
    assert copy._handle is not a._handle


def test_what_is_compact(device):
    a = nd.array(np.zeros((3, 4)), device=device)
    assert a.is_compact()
    assert a.reshape((2, 6)).is_compact()
    assert a[:].is_compact()
    assert not a[:2].is_compact()
    assert not a[1:].is_compact()
    assert not a.T.is_compact()
    assert not a[::-1].is_compact()
    row = nd.array(np.zeros((1, 4)), device=device)
    assert row.T.is_compact()
    assert row.T.compact().strides == (1, 1)
    assert row.T.compact()._handle is row._handle


def test_attributes_may_be_assigned(device):
    """As in code that makes a view by changing a new array's attributes: nothing that was known of it misleads."""
    a = nd.array(np.arange(6.0), device=device)
    view = nd.NDArray.make((6,), device=device)
    view._handle, view._strides, view._offset = a._handle, (-1,), 5
    assert not view.is_compact()
    assert view.numpy().tolist() == [5, 4, 3, 2, 1, 0]
    assert (view + 0).numpy().tolist() == [5, 4, 3, 2, 1, 0]
    end = nd.NDArray.make((2,), device=device)
    end._handle, end._offset = a._handle, 4
    assert not end.is_compact()
    assert (end + 0).numpy().tolist() == [4, 5]


def test_as_strided_and_make(device):
    a = nd.array(np.arange(10.0), device=device)
    windows = a[2:].as_strided((3, 3), (1, 1))
    assert windows.numpy().tolist() == [[2, 3, 4], [3, 4, 5], [4, 5, 6]]
    diagonal = nd.NDArray.make((3,), strides=(4,), device=device, handle=a._handle, offset=1)
    assert diagonal.numpy().tolist() == [1, 5, 9]
    with pytest.raises(ValueError, match=r"shape \(2, 3\) needs as many strides, not \(1,\)"):
        nd.NDArray.make((2, 3), strides=(1,), device=device)


@pytest.mark.parametrize("strides", [(1,), (3,), (-1,)], ids=str)
def test_a_view_that_leaves_its_buffer_is_refused(strides, device):
    """Whatever strides say, memory that is not the array's is never read."""
    a = nd.array(np.arange(4.0), device=device)[1:]
    with pytest.raises(ValueError, match="4"):
        a.as_strided((4,), strides).numpy()
    with pytest.raises(ValueError, match="4"):
        a.as_strided((4,), strides).copy()


@pytest.mark.parametrize(
    ("shape", "error"),
    [((2**31,), ValueError), ((1, 2**16, 2**16), ValueError), ((-1, 3), ValueError), ((2.5,), TypeError)],
    ids=str,
)
def test_shapes_that_cannot_be(shape, error, device):
    with pytest.raises(error):
        nd.empty(shape, device=device)


def test_a_view_too_large_for_32_bits(device):
    a = nd.array([[1.0]], device=device)
    with pytest.raises(ValueError, match=r"too large: each must be at most 2147483647"):
        a.broadcast_to((2**31, 1))
    assert a.broadcast_to((2**20, 2**20)).shape == (2**20, 2**20)


def test_shapes_may_be_of_numpys_numbers(device):
    a = nd.empty((np.int64(2), np.uint8(3)), device=device)
    assert [type(size) for size in a.shape] == [int, int]
    assert nd.empty(3, device=device).shape == (3,)
    assert nd.empty([2, 3], device=device).shape == (2, 3)
