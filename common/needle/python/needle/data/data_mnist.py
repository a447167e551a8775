"""MNIST: 28 x 28 images of handwritten digits with their labels (LeCun, Cortes and Burges)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .data_basic import Dataset
from .data_idx import read_idx

__all__ = ["MNISTDataset"]


class MNISTDataset(Dataset):
    """Images (28, 28, 1) float32 with pixels from 0 to 1, and labels uint8, from two gzipped IDX files.

    `dataset[3]` is one image and its label; `dataset[2:5]`, or an array of indices, several: (n, 28, 28, 1) and (n,).
    Transforms are applied to each image by itself, in order, whenever it is asked for.

    Raises FileNotFoundError, ValueError: if a file is missing or damaged, or if there are not as many labels as images.
    """

    def __init__(
        self,
        image_filename: str | os.PathLike[str],
        label_filename: str | os.PathLike[str],
        transforms: Sequence[Callable[[np.ndarray], np.ndarray]] | None = None,
    ) -> None:
        super().__init__(transforms)
        images, labels = read_idx(image_filename, axes=3), read_idx(label_filename, axes=1)
        if len(images) != len(labels):
            raise ValueError(f"{image_filename} holds {len(images)} images, {label_filename} {len(labels)} labels")
        ### BEGIN SOLUTION
        self.images = images[..., np.newaxis].astype(np.float32) / 255
        self.labels = labels
        ### END SOLUTION

    def __getitem__(self, index: Any) -> tuple[np.ndarray, ...]:
        ### BEGIN SOLUTION
        chosen = self.images[index]
        if self.transforms and chosen.ndim == 3:
            chosen = self.apply_transforms(chosen)
        elif self.transforms and len(chosen):
            chosen = np.stack([self.apply_transforms(image) for image in chosen])
        return chosen, self.labels[index]
        ### END SOLUTION

    def __len__(self) -> int:
        ### BEGIN SOLUTION
        return len(self.labels)
        ### END SOLUTION
