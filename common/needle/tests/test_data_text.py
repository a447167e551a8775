"""Texts as data: what is read of odd files, what is refused, and chunks on both backends."""

from __future__ import annotations

import re

import needle as ndl
import numpy as np
import pytest
from needle.data import Corpus, batchify, get_batch
from needle_data import find

SHAKESPEARE = "shakespeare/train.txt", "shakespeare/test.txt"


@pytest.fixture
def folder(tmp_path):
    def writing(train, test="a\n"):
        for name, text in (("train.txt", train), ("test.txt", test)):
            (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return tmp_path

    return writing


def spelled(corpus):
    return " ".join(corpus.dictionary.idx2word[number] for number in corpus.train)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("\n", "<eos>"),
        ("\n\n  \n\t\n", "<eos> <eos> <eos> <eos>"),
        ("a b", "a b <eos>"),
        ("a b\r\nc\r\n", "a b <eos> c <eos>"),
        ("  a\t\tb  \n", "a b <eos>"),
        ("Ä ß 語 \n", "Ä ß 語 <eos>"),
        ("<eos> a\n", "<eos> a <eos>"),
    ],
    ids=repr,
)
def test_odd_lines(text, words, folder):
    assert spelled(Corpus(folder(text))) == words


def test_lines_are_counted_as_they_stand_in_the_file(folder):
    """Empty ones too, and those that a form feed or a line separator would part in a text of Python's."""
    corpus = Corpus(folder("a\x0cb\n\nc\u2028d\ne\n"), max_lines=3)
    assert spelled(corpus) == "a b <eos> <eos> c d <eos>"


@pytest.mark.parametrize("max_lines", [-1, -40])
def test_fewer_lines_than_none(max_lines, folder):
    with pytest.raises(ValueError, match=f"max_lines must be 0 or more, or None for all lines, not {max_lines}"):
        Corpus(folder("a\n"), max_lines)


def test_no_lines_at_all(folder):
    corpus = Corpus(folder("a\n"), max_lines=0)
    assert corpus.train == corpus.test == []
    assert len(corpus.dictionary) == 0


@pytest.mark.parametrize("name", ["train.txt", "test.txt"])
def test_a_missing_file(name, folder):
    path = folder("a\n") / name
    path.unlink()
    with pytest.raises(FileNotFoundError, match=re.escape(f"there is no file {path}; `make data` downloads a text")):
        Corpus(path.parent)


def test_no_text_at_all(folder):
    path = folder(b"a b\n\xff\xfe\x00\n")
    with pytest.raises(ValueError, match=rf"{re.escape(str(path))}.train\.txt is no UTF-8 text: .*0xff"):
        Corpus(path)


def test_the_real_corpus():
    """As many words as blanks part, one more for each line, and the text itself when it is spelled out again."""
    root = find(*SHAKESPEARE)
    if root is None:
        pytest.skip("the text corpus is not at hand (make data ONLY=shakespeare)")
    corpus = Corpus(root / "shakespeare")
    text = (root / SHAKESPEARE[0]).read_text(encoding="utf-8")
    assert len(corpus.train) == len(text.split()) + text.count("\n")
    assert spelled(corpus).split(" <eos>")[:-1] == [
        f"{' ' if place else ''}{' '.join(line.split())}" for place, line in enumerate(text.splitlines())
    ]
    assert len(corpus.dictionary) == len(set(corpus.dictionary.idx2word)) == max(corpus.train + corpus.test) + 1


@pytest.mark.parametrize("batch_size", [0, -3])
def test_no_piece_at_all(batch_size):
    with pytest.raises(ValueError, match=f"cut into one piece or more, not {batch_size}"):
        batchify([1, 2, 3], batch_size)


@pytest.mark.parametrize(("rows", "i"), [(5, 4), (5, 5), (5, -1), (1, 0), (0, 0)])
def test_a_row_with_no_next_one(rows, i):
    with pytest.raises(IndexError, match=f"of {rows} rows, row {i} has no next one to predict"):
        get_batch(np.zeros((rows, 2), dtype="float32"), i, 3)


@pytest.mark.parametrize("bptt", [0, -1])
def test_a_chunk_of_nothing(bptt):
    with pytest.raises(ValueError, match=f"a chunk has one row or more, not {bptt}"):
        get_batch(np.zeros((5, 2), dtype="float32"), 0, bptt)


def test_ids_are_exact(rng):
    """float32 holds whole numbers up to 2**24: more words than any dictionary has."""
    ids = rng.integers(2**24, size=60).tolist()
    data, target = get_batch(batchify(ids, 3), 2, 5)
    table = np.array(ids).reshape(3, 20).T
    assert data.numpy().astype(int).tolist() == table[2:7].tolist()
    assert target.numpy().astype(int).tolist() == table[3:8].ravel().tolist()


def test_dtype_and_device():
    batches = batchify(range(8), 2, dtype="int32")
    data, target = get_batch(batches, 0, 2, device=ndl.default_device())
    wanted = "float32" if ndl.backend_selection.BACKEND == "nd" else "int32"
    assert str(data.dtype) == str(target.dtype) == wanted
    assert str(get_batch(batches, 0, 2, dtype="float32")[0].dtype) == "float32"


def test_a_batch_is_a_copy():
    """Whoever changes it does not change the text."""
    batches = batchify(range(8), 2)
    data, _ = get_batch(batches, 0, 2)
    data.data = data * 0
    assert batches[:, 0].tolist() == [0, 1, 2, 3]
