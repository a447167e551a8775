"""hw4, text: words and their ids, texts cut into columns, and chunks with the words that come next."""

import tempfile
from pathlib import Path

import mugrade
import needle as ndl
import numpy as np
import pytest
from needle.data import Corpus, Dictionary, batchify, get_batch

TRAIN = " to be , or not to be . \n that is the question : \n\nwhether 'tis nobler\n"
TEST = "to suffer , \n the slings \n\n"
TRAIN_WORDS = "to be , or not to be . <eos> that is the question : <eos> <eos> whether 'tis nobler <eos>"
TEST_WORDS = "to suffer , <eos> the slings <eos> <eos>"


@pytest.fixture
def folder(tmp_path):
    """A folder with the two texts above."""
    (tmp_path / "train.txt").write_text(TRAIN, encoding="utf-8")
    (tmp_path / "test.txt").write_text(TEST, encoding="utf-8")
    return tmp_path


def spelled(corpus, ids):
    return [corpus.dictionary.idx2word[number] for number in ids]


# Dictionary


def test_words_are_numbered_in_the_order_in_which_they_come():
    words = Dictionary()
    assert [words.add_word(word) for word in ("b", "a", "b", "c", "a", "b")] == [0, 1, 0, 2, 1, 0]
    assert words.idx2word == ["b", "a", "c"]
    assert words.word2idx == {"b": 0, "a": 1, "c": 2}
    assert len(words) == 3


def test_a_dictionary_is_empty_at_first_and_no_other_ones_words_are_in_it():
    first, second = Dictionary(), Dictionary()
    first.add_word("x")
    assert (len(first), len(second)) == (1, 0)
    assert second.add_word("y") == 0


def test_words_that_differ_in_case_are_two():
    words = Dictionary()
    assert words.add_word("The") != words.add_word("the")
    assert len(words) == 2


# Corpus


def test_each_line_ends_with_a_word_of_its_own(folder):
    corpus = Corpus(folder)
    assert spelled(corpus, corpus.train) == TRAIN_WORDS.split()
    assert spelled(corpus, corpus.test) == TEST_WORDS.split()


def test_ids_are_given_out_from_the_beginning_of_the_training_text_on(folder):
    corpus = Corpus(folder)
    assert corpus.train[:9] == [0, 1, 2, 3, 4, 0, 1, 5, 6]
    words = list(dict.fromkeys(f"{TRAIN_WORDS} {TEST_WORDS}".split()))
    assert corpus.dictionary.idx2word == words
    assert len(corpus.dictionary) == len(words)
    assert all(type(number) is int for number in corpus.train + corpus.test)


def test_a_word_that_only_the_test_has_gets_an_id_too(folder):
    corpus = Corpus(folder)
    unseen = corpus.dictionary.word2idx["suffer"]
    assert unseen not in corpus.train
    assert corpus.test[1] == unseen


@pytest.mark.parametrize("max_lines", [0, 1, 2, 3, 4, 99, None])
def test_the_first_lines_of_both_texts(folder, max_lines):
    corpus = Corpus(str(folder), max_lines)
    for ids, text in ((corpus.train, TRAIN), (corpus.test, TEST)):
        lines = text.splitlines()[:max_lines]
        assert spelled(corpus, ids) == [word for line in lines for word in [*line.split(), "<eos>"]]


def test_an_empty_text(tmp_path):
    (tmp_path / "train.txt").write_text("")
    (tmp_path / "test.txt").write_text("a\n")
    corpus = Corpus(tmp_path)
    assert corpus.train == []
    assert corpus.test == [0, 1]
    assert len(corpus.dictionary) == 2


def test_tokenize_reads_another_text_with_the_same_dictionary(folder):
    corpus = Corpus(folder)
    before = len(corpus.dictionary)
    (folder / "more.txt").write_text("to be new\nbe\n")
    assert corpus.tokenize(folder / "more.txt", max_lines=1) == [0, 1, before, corpus.dictionary.word2idx["<eos>"]]
    assert len(corpus.dictionary) == before + 1


def test_a_missing_text(tmp_path):
    (tmp_path / "train.txt").write_text("a\n")
    with pytest.raises(FileNotFoundError, match=r"test\.txt"):
        Corpus(tmp_path)


# batchify


@pytest.mark.parametrize(("length", "batch_size"), [(12, 3), (14, 3), (14, 1), (7, 7), (5, 4), (3, 4), (0, 2)])
def test_each_column_is_a_piece_of_the_text_and_the_rest_is_dropped(length, batch_size):
    ids = list(range(100, 100 + length))
    found = batchify(ids, batch_size, device=None, dtype="float32")
    rows = length // batch_size
    assert isinstance(found, np.ndarray)
    assert found.shape == (rows, batch_size)
    assert found.dtype == np.float32
    for column in range(batch_size):
        assert found[:, column].tolist() == ids[column * rows : (column + 1) * rows]


def test_batchify_gives_the_dtype_that_it_is_asked_for():
    assert batchify([1, 2, 3, 4], 2, None, "int64").dtype == np.int64


# get_batch


@pytest.mark.parametrize(("i", "bptt"), [(0, 1), (0, 4), (3, 5), (0, 9), (8, 1), (4, 5), (5, 5), (8, 40), (0, 100)])
def test_targets_are_the_words_one_row_below(i, bptt):
    """A chunk that would go beyond the last row but one is shorter."""
    batches = np.arange(10 * 3).reshape(10, 3).astype("float32")
    data, target = get_batch(batches, i, bptt)
    steps = min(bptt, 9 - i)
    assert isinstance(data, ndl.Tensor)
    assert isinstance(target, ndl.Tensor)
    assert data.shape == (steps, 3)
    assert target.shape == (steps * 3,)
    for step in range(steps):
        for column in range(3):
            assert data.numpy()[step, column] == batches[i + step, column]
            assert target.numpy()[step * 3 + column] == batches[i + step + 1, column]


def test_batches_are_data_and_not_trained():
    data, target = get_batch(np.ones((4, 2), dtype="float32"), 0, 2, device=ndl.default_device(), dtype="float32")
    assert data.device == target.device == ndl.default_device()
    assert str(data.dtype) == str(target.dtype) == "float32"
    assert not data.requires_grad
    assert not target.requires_grad


def test_chunk_after_chunk_predicts_every_word_but_the_first_of_each_column(folder):
    corpus = Corpus(folder)
    batches = batchify(corpus.train, 2, device=None, dtype="float32")
    targets = [get_batch(batches, i, 4)[1].numpy().reshape(-1, 2) for i in range(0, len(batches) - 1, 4)]
    np.testing.assert_array_equal(np.concatenate(targets), batches[1:])


def test_the_batches_stay_as_they_are():
    batches = np.arange(12.0, dtype="float32").reshape(6, 2)
    get_batch(batches, 1, 3)
    assert batches.tolist() == np.arange(12.0).reshape(6, 2).tolist()


def submit_text() -> None:
    """A small corpus, as columns and in chunks"""
    np.random.seed(42)
    with tempfile.TemporaryDirectory() as folder:
        for name, lines in (("train.txt", 6), ("test.txt", 3)):
            text = [" ".join(f"w{number}" for number in np.random.randint(9, size=7)) for _ in range(lines)]
            Path(folder, name).write_text("\n".join(text) + "\n", encoding="utf-8")
        corpus, start = Corpus(folder), Corpus(folder, max_lines=2)
    for each in (corpus, start):
        mugrade.submit([each.train, each.test, each.dictionary.idx2word, len(each.dictionary)])
    batches = batchify(corpus.train, 4, device=None, dtype="float32")
    mugrade.submit(batches)
    for i in (0, 3, len(batches) - 2):
        for tensor in get_batch(batches, i, 3):
            mugrade.submit(tensor.numpy())
