"""Data sets, and the loader that makes minibatches of them.

A `Dataset` has a length and answers `dataset[index]` with a tuple of arrays, one example or (for a slice or an array of
indices) several. A `DataLoader` goes through it once for each `for` loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..autograd import Tensor

__all__ = ["DataLoader", "Dataset", "NDArrayDataset"]


class Dataset:
    """Examples by index. Subclasses define `__getitem__` and `__len__`.

    transforms: functions from an image to an image, applied in order by `apply_transforms`
    """

    def __init__(self, transforms: Sequence[Callable[[np.ndarray], np.ndarray]] | None = None) -> None:
        self.transforms = transforms

    def __getitem__(self, index: Any) -> tuple[np.ndarray, ...]:
        raise NotImplementedError(f"{type(self).__name__}.__getitem__")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__}.__len__")

    def apply_transforms(self, x: np.ndarray) -> np.ndarray:
        """One image (H, W, C) after all transforms."""
        for transform in self.transforms or ():
            x = transform(x)
        return x


class NDArrayDataset(Dataset):
    """Arrays of equal length: example i is the tuple of their elements i.

    Raises ValueError: if there is no array, or if their lengths differ.
    """

    def __init__(self, *arrays: np.ndarray) -> None:
        super().__init__()
        if len({len(array) for array in arrays}) != 1:
            raise ValueError(f"NDArrayDataset: expected arrays of one length, got {[len(array) for array in arrays]}")
        self.arrays = arrays

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: Any) -> tuple[np.ndarray, ...]:
        return tuple(array[index] for array in self.arrays)


class DataLoader:
    """Minibatches: `for X, y in loader` goes through a data set once, in order or in a new random order each time.

    Each minibatch is the tuple `dataset[indices]` of an array of indices, as tensors that require no gradient. The last
    is shorter if `batch_size` does not divide the number of examples; an empty data set has no minibatch.

    ordering: where `shuffle` is False, the arrays of indices, one for each minibatch
    Raises ValueError: if a minibatch is to hold less than one example.
    """

    def __init__(self, dataset: Dataset, batch_size: int = 1, shuffle: bool = False) -> None:
        if batch_size < 1:
            raise ValueError(f"DataLoader: a minibatch holds one example or more, not {batch_size}")
        self.dataset = dataset
        self.batch_size = batch_size
        self.shuffle = shuffle
        if not shuffle:
            self.ordering = self.split(np.arange(len(dataset)))

    def __len__(self) -> int:
        """The number of minibatches."""
        return -(-len(self.dataset) // self.batch_size)

    def split(self, indices: np.ndarray) -> list[np.ndarray]:
        """Indices (n,) cut into minibatches, in their order."""
        return np.array_split(indices, range(self.batch_size, len(indices), self.batch_size)) if len(indices) else []

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        """A pass through the data. A shuffled one draws its order by one `np.random.permutation` of all the indices.

        Two passes can go on at one time, each at its own place.
        """
        ### BEGIN SOLUTION
        minibatches = self.ordering if not self.shuffle else self.split(np.random.permutation(len(self.dataset)))
        return (tuple(Tensor(array, requires_grad=False) for array in self.dataset[chosen]) for chosen in minibatches)
        ### END SOLUTION
