"""Text as numbers: a dictionary, a corpus of ids, and the chunks of it that a language model is trained on."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..autograd import Tensor

__all__ = ["Corpus", "Dictionary", "batchify", "get_batch"]


class Dictionary:
    """Words and their ids, which are 0, 1, 2 and so on in the order in which the words came.

    word2idx: a dict from word to id; idx2word: the words, each at the place of its id
    """

    def __init__(self) -> None:
        self.word2idx: dict[str, int] = {}
        self.idx2word: list[str] = []

    def add_word(self, word: str) -> int:
        """The id of a word: a new one for a word that is not here yet, and the same one ever after."""
        ### BEGIN SOLUTION
        if word not in self.word2idx:
            self.word2idx[word] = len(self.idx2word)
            self.idx2word.append(word)
        return self.word2idx[word]
        ### END SOLUTION

    def __len__(self) -> int:
        """How many words there are."""
        ### BEGIN SOLUTION
        return len(self.idx2word)
        ### END SOLUTION


class Corpus:
    """The texts `train.txt` and `test.txt` of a folder as lists of ids, by one dictionary.

    Words are what blanks part; each line ends with the word `<eos>`, an empty line too, which is nothing else. A word
    that only the test has gets an id as any other: a model sees no example of it, but has a place for it.

    max_lines: how many lines to take of each file; None for all
    dictionary: of both texts, the training text's words first; train, test: the ids
    Raises FileNotFoundError: if a file is missing; ValueError: if it is no UTF-8 text, or if max_lines is negative.
    """

    def __init__(self, base_dir: str | os.PathLike[str], max_lines: int | None = None) -> None:
        self.dictionary = Dictionary()
        self.train = self.tokenize(os.path.join(base_dir, "train.txt"), max_lines)
        self.test = self.tokenize(os.path.join(base_dir, "test.txt"), max_lines)

    def tokenize(self, path: str | os.PathLike[str], max_lines: int | None = None) -> list[int]:
        """The ids of a text. `_lines` reads it, and raises what the class promises."""
        ### BEGIN SOLUTION
        words = itertools.chain.from_iterable([*line.split(), "<eos>"] for line in _lines(path, max_lines))
        return [self.dictionary.add_word(word) for word in words]
        ### END SOLUTION


def _lines(path: str | os.PathLike[str], max_lines: int | None) -> Iterator[str]:
    """The lines of a text, at most so many."""
    if max_lines is not None and max_lines < 0:
        raise ValueError(f"Corpus: max_lines must be 0 or more, or None for all lines, not {max_lines}")
    if not Path(path).is_file():
        raise FileNotFoundError(f"there is no file {path}; `make data` downloads a text")
    with open(path, encoding="utf-8") as text:
        try:
            yield from itertools.islice(text, max_lines)
        except UnicodeDecodeError as error:
            raise ValueError(f"{path} is no UTF-8 text: {error}") from None


def batchify(data: Sequence[int], batch_size: int, device: Any = None, dtype: str = "float32") -> np.ndarray:
    """Cut a text into `batch_size` pieces of equal length, and stand them side by side, each in a column.

        ids 0 to 13 in 3 columns:  0 4 8
                                   1 5 9
                                   2 6 10
                                   3 7 11

    Going down, one sees `batch_size` texts at once, each in its order. What is left over at the end is dropped.

    device: for calls written elsewhere that give it; `get_batch` makes tensors on a device
    Returns an array (len(data) // batch_size, batch_size) of that dtype: without rows if the text is shorter than one.
    Raises ValueError: if there is to be less than one piece.
    """
    if batch_size < 1:
        raise ValueError(f"batchify: a text is cut into one piece or more, not {batch_size}")
    ### BEGIN SOLUTION
    length = len(data) // batch_size
    return np.array(data[: length * batch_size], dtype=dtype).reshape(batch_size, length).T
    ### END SOLUTION


def get_batch(
    batches: np.ndarray, i: int, bptt: int, device: Any = None, dtype: str | None = None
) -> tuple[Tensor, Tensor]:
    """The chunk that begins in row i, and for each of its words the next one, which a model is to predict.

    A chunk has `bptt` rows, the last one fewer: each of its rows needs a row below it. For the array that `batchify`
    shows above, `get_batch(batches, 1, 2)` is ([[1, 5, 9], [2, 6, 10]], [2, 6, 10, 3, 7, 11]).

    batches: (rows, bs), as `batchify` gives it; dtype: None for that of batches
    Returns tensors that require no gradient: data (bptt, bs), and target (bptt * bs,), row after row.
    Raises ValueError: if bptt is less than 1; IndexError: if there is no row i with one below it.
    """
    if bptt < 1:
        raise ValueError(f"get_batch: a chunk has one row or more, not {bptt}")
    if not 0 <= i < len(batches) - 1:
        raise IndexError(f"get_batch: of {len(batches)} rows, row {i} has no next one to predict")
    ### BEGIN SOLUTION
    end = min(i + bptt, len(batches) - 1)
    settings = {"device": device, "dtype": dtype or str(batches.dtype), "requires_grad": False}
    return Tensor(batches[i:end], **settings), Tensor(batches[i + 1 : end + 1].reshape(-1), **settings)
    ### END SOLUTION
