"""CIFAR-10: 32 x 32 photographs of ten kinds of things (Krizhevsky, 2009)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .data_basic import Dataset
from .data_batches import read_batch

__all__ = ["CIFAR10_CLASSES", "CIFAR10Dataset"]

CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


class CIFAR10Dataset(Dataset):
    """Images (3, 32, 32) float32 with pixels from 0 to 1, channel first: red, green, blue; and labels from 0 to 9.

    `dataset[3]` is one image and its label; `dataset[2:5]`, or an array of indices, several: (n, 3, 32, 32) and (n,).
    Transforms are applied to each image by itself, in order, whenever it is asked for. They see it as images are
    everywhere in `data_transforms`, (32, 32, 3); what the data set gives is (3, 32, 32) nonetheless.

    base_folder: the folder `cifar-10-batches-py`
    train: whether to take the training images, from `data_batch_1` to `data_batch_5`, or those of `test_batch`
    p: for calls written elsewhere that give it; nothing depends on it, since transforms have probabilities of their own
    X: all images, (n, 3, 32, 32) float32, untransformed; y: all labels, (n,) int64
    Raises FileNotFoundError, ValueError: if a file is missing, cut short, or no batch of CIFAR-10 (see `read_batch`).
    """

    def __init__(
        self,
        base_folder: str | os.PathLike[str],
        train: bool,
        p: float | None = 0.5,
        transforms: Sequence[Callable[[np.ndarray], np.ndarray]] | None = None,
    ) -> None:
        super().__init__(transforms)
        if not Path(base_folder).is_dir():
            raise FileNotFoundError(f"there is no folder {base_folder}; `make data` downloads CIFAR-10")
        self.p = p
        ### BEGIN SOLUTION
        names = [f"data_batch_{number}" for number in range(1, 6)] if train else ["test_batch"]
        batches = [read_batch(Path(base_folder, name)) for name in names]
        pixels = np.concatenate([rows for rows, _ in batches]).reshape(-1, 3, 32, 32)
        # In one step, for there are 600 MB of them as float32 and twice as much as float64.
        self.X = np.divide(pixels, 255, dtype=np.float32)
        self.y = np.concatenate([labels for _, labels in batches])
        ### END SOLUTION

    def __getitem__(self, index: Any) -> tuple[np.ndarray, ...]:
        ### BEGIN SOLUTION
        chosen, labels = self.X[index], self.y[index]
        if self.transforms and chosen.size:
            several = chosen.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
            changed = np.stack([self.apply_transforms(image) for image in several])
            chosen = changed.transpose(0, 3, 1, 2).reshape(chosen.shape)
        return chosen, labels
        ### END SOLUTION

    def __len__(self) -> int:
        ### BEGIN SOLUTION
        return len(self.y)
        ### END SOLUTION
