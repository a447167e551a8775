"""Hidden cases of hw4, text: words and their ids, texts of random words, columns, and chunks of them."""
# needle-course-canary-6f1b0c52-hidden-material-do-not-distribute

import tempfile
from pathlib import Path

import mugrade
import numpy as np
from needle.data import Corpus, Dictionary, batchify, get_batch


def words(count, different=12, prefix="w"):
    """Random words, some of which come again."""
    return [f"{prefix}{number}" for number in np.random.randint(different, size=count)]


def lines(count, **kind):
    """Random lines of one to seven words."""
    return [" ".join(words(int(np.random.randint(1, 8)), **kind)) for _ in range(count)]


def corpus_of(train, test, **settings):
    """The corpus of two texts, whose files are gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("train.txt", train), ("test.txt", test)):
            Path(folder, name).write_text(text, encoding="utf-8")
        return Corpus(folder, **settings)


def joined(several):
    return "".join(f"{line}\n" for line in several)


def contents(corpus):
    """Its ids, and the words that they stand for."""
    return [list(corpus.train), list(corpus.test), list(corpus.dictionary.idx2word)]


def grid(rows, batch_size):
    """Random ids in columns."""
    return np.random.randint(1000, size=(rows, batch_size)).astype("float32")


def chunk(*arguments, **settings):
    return [tensor.numpy() for tensor in get_batch(*arguments, **settings)]


def submit_dictionary() -> None:
    """Dictionary: the ids of words as they come, some of them again"""
    dictionary = Dictionary()
    mugrade.submit([dictionary.add_word(word) for word in words(25)])


def submit_dictionary_contents() -> None:
    """Dictionary: its words by id, and its ids by word"""
    dictionary = Dictionary()
    for word in words(15):
        dictionary.add_word(word)
    mugrade.submit(list(dictionary.idx2word))
    mugrade.submit(dict(dictionary.word2idx))


def submit_dictionary_length() -> None:
    """Dictionary: its length after each word"""
    dictionary, lengths = Dictionary(), []
    for word in words(15, different=6):
        dictionary.add_word(word)
        lengths.append(len(dictionary))
    mugrade.submit(lengths)


def submit_two_dictionaries() -> None:
    """Dictionary: two of them, filled in turn"""
    first, second = Dictionary(), Dictionary()
    for word in words(12):
        mugrade.submit([first.add_word(word), second.add_word(word[::-1]), len(first), len(second)])
        mugrade.submit([first.add_word(f"{word}{word}"), second.add_word(word[::-1]), len(first), len(second)])


def submit_spelling() -> None:
    """Dictionary: words in capitals, and words with other signs than letters"""
    dictionary = Dictionary()
    for word in words(6):
        mugrade.submit([dictionary.add_word(each) for each in (word, word.upper(), f"{word},", f"{word}-{word}", ".")])
    mugrade.submit([list(dictionary.idx2word), len(dictionary)])


def submit_corpus() -> None:
    """Corpus: two texts"""
    for train, test in ((12, 5), (1, 1), (4, 9)):
        corpus = corpus_of(joined(lines(train)), joined(lines(test)))
        mugrade.submit(contents(corpus))
        mugrade.submit(len(corpus.dictionary))


def submit_corpus_test_words() -> None:
    """Corpus: words that only the test text has"""
    for _ in range(2):
        corpus = corpus_of(joined(lines(6)), joined(lines(3, different=20) + lines(3, prefix="v")))
        mugrade.submit(contents(corpus))


def submit_corpus_empty_lines() -> None:
    """Corpus: lines without words"""
    train, test = lines(5), lines(3)
    for text in (train, test):
        for _ in range(3):
            text.insert(int(np.random.randint(len(text) + 1)), "")
    mugrade.submit(contents(corpus_of(joined(["", *train, ""]), joined([*test, "", ""]))))


def submit_corpus_blanks() -> None:
    """Corpus: several blanks between words, before them and after them"""
    train = [f"  {line}   " for line in lines(3)] + [line.replace(" ", "   ") for line in lines(3)]
    test = [line.replace(" ", "  ") for line in lines(4)] + ["   "]
    mugrade.submit(contents(corpus_of(joined(train), joined(test))))


def submit_corpus_last_line() -> None:
    """Corpus: texts whose last line is not ended"""
    for _ in range(2):
        mugrade.submit(contents(corpus_of(joined(lines(3)).rstrip("\n"), joined(lines(4)).rstrip("\n"))))


def submit_corpus_as_it_is_spelled() -> None:
    """Corpus: capitals, signs, and letters of other languages"""
    train = [line.replace("w", "Wä").replace("1", ",") for line in lines(6)]
    test = [line.replace("w", "wä").replace("3", "'s") for line in lines(4)]
    mugrade.submit(contents(corpus_of(joined(train), joined(test))))


def submit_corpus_max_lines() -> None:
    """Corpus: the first lines of both texts"""
    train, test = joined(lines(9)), joined(lines(6))
    for max_lines in (1, 2, 5, 6, 7, 9, 40):
        mugrade.submit(contents(corpus_of(train, test, max_lines=max_lines)))


def submit_tokenize() -> None:
    """Corpus: further texts with the same dictionary, whole and in part"""
    corpus = corpus_of(joined(lines(4)), joined(lines(2)))
    mugrade.submit(contents(corpus))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "more.txt")
        for max_lines in (None, 3):
            path.write_text(joined(lines(5, different=30)), encoding="utf-8")
            mugrade.submit(list(corpus.tokenize(str(path), max_lines)))
            mugrade.submit([list(corpus.dictionary.idx2word), len(corpus.dictionary)])


def submit_batchify() -> None:
    """batchify: texts of lengths that the batch size divides"""
    for length, batch_size in ((12, 3), (20, 4), (9, 1), (7, 7), (9, 3)):
        mugrade.submit(batchify(np.random.randint(1000, size=length).tolist(), batch_size, None, "float32"))


def submit_batchify_remainder() -> None:
    """batchify: texts of other lengths"""
    for length, batch_size in ((14, 3), (23, 4), (11, 6), (29, 5), (13, 12)):
        mugrade.submit(batchify(np.random.randint(1000, size=length).tolist(), batch_size, None, "float32"))


def submit_batchify_dtype() -> None:
    """batchify: the dtype that it is asked for"""
    ids = np.random.randint(1000, size=11).tolist()
    for dtype in ("float32", "int64", "float64"):
        found = batchify(ids, 2, device=None, dtype=dtype)
        mugrade.submit(found)
        mugrade.submit(found.dtype)


def submit_get_batch() -> None:
    """get_batch: chunks from the beginning and from the midst"""
    batches = grid(20, 3)
    for i, bptt in ((0, 4), (5, 4), (3, 1), (8, 7), (1, 10)):
        mugrade.submit(chunk(batches, i, bptt))


def submit_get_batch_at_the_end() -> None:
    """get_batch: chunks at the end, as long as others and shorter"""
    batches = grid(12, 4)
    for i, bptt in ((7, 4), (6, 6), (9, 5), (10, 1), (10, 40), (0, 11), (0, 12), (0, 40)):
        mugrade.submit(chunk(batches, i, bptt))


def submit_get_batch_columns() -> None:
    """get_batch: one column, and as many columns as rows"""
    for rows, batch_size in ((6, 1), (5, 5), (2, 6)):
        batches = grid(rows, batch_size)
        for i, bptt in ((0, 2), (rows - 2, 3)):
            mugrade.submit(chunk(batches, i, bptt))


def submit_get_batch_shapes() -> None:
    """get_batch: the shapes of data and target"""
    batches = grid(9, 5)
    for i, bptt in ((0, 3), (6, 3), (7, 1)):
        mugrade.submit([list(tensor.shape) for tensor in get_batch(batches, i, bptt, dtype="float32")])


def submit_chunks() -> None:
    """A text in columns, chunk after chunk"""
    corpus = corpus_of(joined(lines(20)), joined(lines(2)))
    batches = batchify(corpus.train, 3, device=None, dtype="float32")
    for bptt in (1, 4, 7):
        mugrade.submit([chunk(batches, i, bptt, dtype="float32") for i in range(0, len(batches) - 1, bptt)])
