"""Random changes of an image that leave what it shows as it is: with them, a data set says more than it holds."""

from __future__ import annotations

import numpy as np

__all__ = ["RandomCrop", "RandomFlipHorizontal", "Transform"]


class Transform:
    """A function from an image (H, W, C) to another."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError(f"{type(self).__name__}.__call__")


class RandomFlipHorizontal(Transform):
    """Swap left and right with probability p."""

    def __init__(self, p: float = 0.5) -> None:
        if not 0 <= p <= 1:
            raise ValueError(f"RandomFlipHorizontal: a probability is from 0 to 1, not {p}")
        self.p = p

    def __call__(self, img: np.ndarray) -> np.ndarray:
        """img: (H, W, C). Flipped along its second axis if the number drawn is below p."""
        flip_img = np.random.rand() < self.p
        ### BEGIN SOLUTION
        return img[:, ::-1, :] if flip_img else img
        ### END SOLUTION


class RandomCrop(Transform):
    """Surround the image by `padding` zeros on each side and cut a window of the image's size out, anywhere."""

    def __init__(self, padding: int = 3) -> None:
        if padding < 0:
            raise ValueError(f"RandomCrop: the padding must be 0 or more, not {padding}")
        self.padding = padding

    def __call__(self, img: np.ndarray) -> np.ndarray:
        """img: (H, W, C). The window begins at row padding + shift_x and column padding + shift_y of the padded one."""
        shift_x, shift_y = np.random.randint(low=-self.padding, high=self.padding + 1, size=2)
        ### BEGIN SOLUTION
        height, width, _ = img.shape
        padded = np.pad(img, ((self.padding, self.padding), (self.padding, self.padding), (0, 0)))
        top, left = self.padding + shift_x, self.padding + shift_y
        return padded[top : top + height, left : left + width, :]
        ### END SOLUTION
