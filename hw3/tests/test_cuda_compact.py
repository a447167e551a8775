"""hw3, cuda_compact: views copied to compact arrays and written to, in CUDA. See kernels_compact.py."""

import mugrade
import numpy as np
import pytest
from arrays import get, put, same
from kernels_compact import *  # noqa: F403 - the tests, which run on the device below
from needle import backend_ndarray as nd


@pytest.fixture
def device(cuda):
    return cuda


def test_compact_and_setitem_refuse_nine_axes(cuda):
    """`VecToCuda` does: its message reaches Python."""
    array, nine = put(cuda, np.zeros(4)), ((1,) * 9, (1,) * 9, 0)
    for call in (
        lambda: cuda.compact(array, cuda.Array(1), *nine),
        lambda: cuda.ewise_setitem(put(cuda, [1.0]), array, *nine),
        lambda: cuda.scalar_setitem(1, 1.0, array, *nine),
    ):
        with pytest.raises(ValueError, match="at most 8 dimensions, not 9"):
            call()
    same(get(cuda, array), np.zeros(4))


def submit_cuda_compact() -> None:
    """A permuted view copied, and written to"""
    np.random.seed(41)
    cuda = nd.cuda()
    array = nd.array(np.random.randn(4, 5, 60), device=cuda)
    view = nd.NDArray.make((60, 2, 3), strides=(1, 600, 60), device=cuda, handle=array._handle, offset=60)
    mugrade.submit(view.compact().numpy())
    other = nd.array(np.random.randn(60, 2, 3), device=cuda)
    cuda.ewise_setitem(other._handle, array._handle, view.shape, view.strides, 60)
    mugrade.submit(array.numpy())
    cuda.scalar_setitem(12, 0.5, array._handle, (4, 3), (300, -1), 5)
    mugrade.submit(array.numpy())
