"""Reading CIFAR-10's files: all that is in them, nothing of it run, and for each kind of damage an error that tells."""

from __future__ import annotations

import pickle
import pickletools
import re
import struct
import time
import tracemalloc
import zipfile

import numpy as np
import pytest
from needle.data import CIFAR10_CLASSES, CIFAR10Dataset, read_batch
from needle_data import find

TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
REAL = [f"cifar-10-batches-py/{name}" for name in (*TRAIN, "test_batch")]


def contents(rng, count=4):
    pixels = rng.integers(256, size=(count, 3072), dtype=np.uint8)
    return {
        b"batch_label": b"training batch 1 of 5",
        b"labels": rng.integers(10, size=count).tolist(),
        b"data": pixels,
        b"filenames": [f"image_{number}.png".encode() for number in range(count)],
    }


@pytest.fixture
def write(tmp_path):
    """A function that writes bytes, or an object pickled, and returns the file."""

    def writing(content, name="data_batch_1", protocol=2):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content, protocol=protocol))
        return path

    return writing


@pytest.fixture
def refused(write):
    """A function that reads what it is given, and returns the message of the error that this must end in."""

    def reading(content):
        path = write(content)
        with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
            read_batch(path)
        return str(caught.value)

    return reading


# What is read


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("as_text", [False, True], ids=["bytes", "text"])
def test_whatever_wrote_it(protocol, order, as_text, write, rng):
    batch = contents(rng, 300)  # so many names that their places in the memo need more than a byte
    content = {key.decode(): value for key, value in batch.items()} if as_text else dict(batch)
    content["data" if as_text else b"data"] = np.asarray(batch[b"data"], order=order)
    pixels, labels = read_batch(write(content, protocol=protocol))
    assert pixels.dtype == np.uint8
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(pixels, batch[b"data"])
    assert labels.tolist() == batch[b"labels"]


@pytest.mark.parametrize("core", ["numpy.core.multiarray", "numpy._core.multiarray"])
def test_numpys_core_has_had_two_names(core, write, rng):
    batch = contents(rng)
    content = pickle.dumps(batch, protocol=2)
    renamed = re.sub(rb"cnumpy\._?core\.multiarray\n", f"c{core}\n".encode(), content)
    assert core.encode() in renamed
    np.testing.assert_array_equal(read_batch(write(renamed))[0], batch[b"data"])


def test_as_python_2_wrote_it(write, rng):
    """Texts are bytes there, as are the elements of an array, and long ones have a length of four bytes."""
    pixels, labels = rng.integers(256, size=(2, 3072), dtype=np.uint8), [3, 9]

    def text(content):
        short = len(content) < 256
        return (b"U" + bytes([len(content)]) if short else b"T" + struct.pack("<i", len(content))) + content

    dtype = b"cnumpy\ndtype\n" + text(b"u1") + b"K\x00K\x01\x87Rq\x01(K\x03" + text(b"|") + b"NNNJ\xff\xff\xff\xff"
    dtype += b"J\xff\xff\xff\xffK\x00tb"
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + text(b"b") + b"\x87R"
    array += b"(K\x01K\x02M\x00\x0c\x86" + dtype + b"\x89" + text(pixels.tobytes()) + b"tb"
    listed = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    content = b"\x80\x02}q\x00(" + text(b"data") + array + text(b"labels") + listed + b"u."
    assert (pickle.loads(content, encoding="bytes")[b"data"] == pixels).all(), "the file of this test is a pickle"
    found, numbers = read_batch(write(content))
    np.testing.assert_array_equal(found, pixels)
    assert numbers.tolist() == labels


def test_a_batch_without_images(write):
    pixels, labels = read_batch(write({b"data": np.zeros((0, 3072), dtype=np.uint8), b"labels": []}, protocol=4))
    assert pixels.shape == (0, 3072)
    assert labels.shape == (0,)


def test_real_batches():
    """Beside what Python's own pickle makes of them."""
    folder = find(*REAL)
    if folder is None:
        pytest.skip("CIFAR-10 is not at hand (make data ONLY=cifar10)")
    for name in (REAL[0], REAL[-1]):
        start = time.perf_counter()
        pixels, labels = read_batch(folder / name)
        assert time.perf_counter() - start < 2
        expected = pickle.loads((folder / name).read_bytes(), encoding="bytes")
        np.testing.assert_array_equal(pixels, expected[b"data"])
        assert labels.tolist() == expected[b"labels"]


def test_real_images():
    """The data set as a whole: all ten classes, and images that are no noise."""
    folder = find(*REAL)
    if folder is None:
        pytest.skip("CIFAR-10 is not at hand (make data ONLY=cifar10)")
    data = CIFAR10Dataset(folder / "cifar-10-batches-py", train=False)
    assert data[0][0].shape == (3, 32, 32)
    assert set(data.y.tolist()) == set(range(10))
    assert 0 <= data.X.min() < data.X.max() <= 1
    beside = np.abs(np.diff(data.X[:100], axis=3)).mean()
    far = np.abs(data.X[:100] - np.roll(data.X[:100], 16, axis=3)).mean()
    assert beside < far / 2, "neighbours in a row look alike, if rows are rows"


def test_the_names_of_the_classes_are_those_of_the_original():
    folder = find("cifar-10-batches-py/batches.meta")
    if folder is None:
        pytest.skip("CIFAR-10 is not at hand (make data ONLY=cifar10)")
    found = pickle.loads((folder / "cifar-10-batches-py/batches.meta").read_bytes())
    assert tuple(found["label_names"]) == CIFAR10_CLASSES


# What is refused


class Call:
    """Pickled, it is a call of any function."""

    def __init__(self, function, *arguments):
        self.made = function, arguments

    def __reduce__(self):
        return self.made


CALLS = {
    "os": Call(__import__("os").system, "touch {}"),
    "eval": Call(eval, "open({!r}, 'w')"),
    "exec": Call(exec, "open({!r}, 'w')"),
    "open": Call(open, "{}", "w"),
    "import": Call(__import__, "os"),
    "getattr": Call(getattr, "text", "upper"),
    "load": Call(np.load, "{}", None, True),
    "fromfile": Call(np.fromfile, "{}"),
    "frombuffer": Call(np.frombuffer, b"12345678"),
}


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("place", ["alone", "among the labels", "as an entry of its own"])
def test_nothing_is_called(place, name, protocol, write, refused, rng, tmp_path):
    call = CALLS[name]
    arguments = (each.format(tmp_path / "made") if isinstance(each, str) else each for each in call.made[1])
    call = Call(call.made[0], *arguments)
    batch = contents(rng)
    content = {"alone": call, "among the labels": batch | {b"labels": [1, call]}}.get(place, batch | {b"more": call})
    message = refused(pickle.dumps(content, protocol=protocol))
    assert re.search(r"it asks for \w+\.\w+; nothing of it was run$", message)
    assert list(tmp_path.iterdir()) == [tmp_path / "data_batch_1"], "the file was run"


PLAIN = b"\x80\x02}(X\x04\x00\x00\x00dataK\x01X\x06\x00\x00\x00labels]u."
HOSTILE = {
    "an object of a class": (b"\x80\x02cbuiltins\nobject\n)\x81.", "builtins.object"),
    "a name with dots": (b"\x80\x04\x8c\x05numpy\x8c\x0cf2py.os.path\x93.", "numpy.f2py.os.path"),
    "a name that is no text": (b"\x80\x04]]\x93.", "a list.a list"),
    "an old instance": (b"\x80\x02(ios\nsystem\n.", "instruction b'i'"),
    "an old object": (b"\x80\x02(cos\nsystem\no.", "os.system"),
    "an extension": (b"\x80\x02\x82\x01.", "instruction b'\\x82'"),
    "a persistent id": (b"\x80\x02X\x01\x00\x00\x00aQ.", "instruction b'Q'"),
    "a persistent name": (b"\x80\x02Pa\n.", "instruction b'P'"),
    "a float": (b"\x80\x02G\x00\x00\x00\x00\x00\x00\x00\x00.", "instruction b'G'"),
    "a set": (b"\x80\x04\x8f.", "instruction b'\\x8f'"),
    "out-of-band data": (b"\x80\x05\x97.", "instruction b'\\x97'"),
    "a call of a text": (b"\x80\x02X\x01\x00\x00\x00a)R.", "it calls a;"),
    "an array that is called": (b"\x80\x02cnumpy\nndarray\n)R.", "it calls numpy.ndarray"),
    "the state of a list": (b"\x80\x02]}b.", "it sets the state of a list"),
    "the state of a name": (b"\x80\x02cnumpy\ndtype\n}b.", "it sets the state of a name"),
    "keys of a list": (b"\x80\x02](K\x01K\x02u.", "it puts keys into a list"),
    "elements of a dict": (b"\x80\x02}K\x01a.", "it appends to a dict"),
    "a key that is a tuple": (b"\x80\x02}K\x01\x85K\x02s.", "it has a tuple as a key"),
    "another encoding": (
        b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00hex\x86R.",
        "it encodes a as hex",
    ),
    "a shape beyond all": (
        b"\x80\x05cnumpy._core.numeric\n_frombuffer\n(C\x00cnumpy\ndtype\nX\x02\x00\x00\x00u1\x85R"
        b"K\x00\x8a\x09\xff\xff\xff\xff\xff\xff\xff\xff\x00\x86X\x01\x00\x00\x00CtR.",
        "neither a row nor a table",
    ),
}


@pytest.mark.parametrize(("content", "what"), HOSTILE.values(), ids=HOSTILE)
def test_what_no_batch_needs_is_refused_by_name(content, what, refused):
    message = refused(content)
    assert what in message
    assert message.endswith("; nothing of it was run")


@pytest.mark.parametrize("dtype", ["O8", "f4", "i8", "U3", "V8"])
def test_an_array_of_anything_but_bytes(dtype, refused, rng):
    """Arrays of objects hold pickles of their own; and no batch has an array of numbers."""
    message = refused(pickle.dumps(contents(rng) | {b"data": np.zeros((2, 3072), dtype=dtype)}, protocol=2))
    assert f"it holds an array of {dtype}, not of bytes (u1)" in message


def test_numbers_of_numpy_are_no_labels(refused, rng):
    assert "scalar; nothing of it was run" in refused(contents(rng) | {b"labels": [np.int64(3)] * 4})


def bomb_of_texts():
    """A text of 1 MB that is encoded a thousand times: a gigabyte of bytes, from a file little longer than the text."""
    text = b"X" + struct.pack("<I", 1 << 20) + b"a" * (1 << 20) + b"q\x00"
    call = b"c_codecs\nencode\nq\x01h\x00X\x06\x00\x00\x00latin1q\x02\x86R"
    again = b"h\x01h\x00h\x02\x86R"
    return b"\x80\x02" + text + b"](" + call + again * 1000 + b"e."


BOMBS = {
    "a place in the memo beyond all others": b"\x80\x02Nr\xff\xff\xff\xff.",
    "a text of 4 GB": b"\x80\x02X\xff\xff\xff\xff",
    "bytes without end": b"\x80\x04\x8e" + b"\xff" * 8,
    "bytes that are fewer than none": b"\x80\x02T\xff\xff\xff\xff.",
    "a text that is encoded again and again": bomb_of_texts(),
    "lists in lists": b"\x80\x02" + b"]" * 40_000 + b"a" * 39_999 + b".",
    "tuples in tuples as a key": b"\x80\x02}" + b")" + b"\x85" * 40_000 + b"Ns.",
    "an array of any size": b"\x80\x05cnumpy._core.numeric\n_frombuffer\n(C\x01acnumpy\ndtype\nX\x02\x00\x00\x00u1\x85R"
    b"\x8a\x08\xff\xff\xff\x7f\x00\x00\x00\x00\x85X\x01\x00\x00\x00CtR.",
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_no_file_needs_more_memory_than_it_has_bytes_for(content, refused):
    """A byte may stand for an empty list, which takes some dozens; but none for a megabyte."""
    tracemalloc.start()
    try:
        refused(content)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 1e6 + 150 * len(content)


def test_a_text_is_not_encoded_twice(refused):
    assert "it makes more bytes than it has" in refused(bomb_of_texts())


def test_no_prefix_of_a_file_is_taken_for_the_file(write, rng):
    content = pickle.dumps(contents(rng, 1), protocol=2)
    places = [place for _, _, place in pickletools.genops(content)]
    for length in {0, 1, *places[1:], *(place + 1 for place in places[1:-1]), 1000, len(content) - 1}:
        path = write(content[:length])
        with pytest.raises(ValueError, match=re.escape(str(path))) as caught:
            read_batch(path)
        if length > 1:
            assert "is cut short" in str(caught.value), f"of {len(content)} bytes, {length}"
            assert str(caught.value).endswith("remove it and run `make data`")


def test_any_flipped_bit_is_an_error_of_one_kind_or_another_batch(write, rng):
    """Never another exception. A pixel that changed is still a pixel."""
    content = bytearray(pickle.dumps(contents(rng, 1), protocol=2))
    pixels_at = content.index(b"latin1") - 3072
    noticed = 0
    for place in [*range(pixels_at), *range(len(content) - 60, len(content))][::2]:
        flipped = content.copy()
        flipped[place] ^= 1 << int(rng.integers(8))
        path = write(bytes(flipped))
        try:
            pixels, labels = read_batch(path)
        except ValueError as error:
            assert str(path) in str(error)  # noqa: PT017
            noticed += 1
        else:
            assert pixels.shape == (len(labels), 3072)
    assert noticed > 10


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html><title>404", b"\x1f\x8b\x08", b"(dp0\n."], ids=repr)
def test_no_pickle_at_all(content, refused):
    assert f"it begins with {content[:8]!r}, not with b'\\x80'" in refused(content)


def test_other_files_of_the_archive(refused):
    meta = {"num_cases_per_batch": 10000, "label_names": ["airplane"], "num_vis": 3072}
    message = refused(meta)
    assert "expected 'data' and 'labels' in it, found label_names, num_cases_per_batch, num_vis" in message
    assert "found a list" in refused([1, 2])


def test_what_a_stranger_writes_is_shown_in_part_and_as_ascii(refused):
    message = refused({"\x1b[2J" + "x" * 10_000: 1})
    assert "found \\x1b[2Jxxx" in message
    assert len(message) < 500


def test_cifar_100(refused, rng):
    batch = contents(rng)
    batch[b"fine_labels"] = batch.pop(b"labels")
    assert "found batch_label, data, filenames, fine_labels" in refused(batch)


def test_a_zip_file_and_a_folder(tmp_path, rng):
    with zipfile.ZipFile(tmp_path / "data_batch_1", "w") as archive:
        archive.writestr("a", b"b")
    with pytest.raises(ValueError, match="it begins with b'PK"):
        read_batch(tmp_path / "data_batch_1")
    with pytest.raises(ValueError, match="is a folder"):
        read_batch(tmp_path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({b"data": np.zeros((4, 3071), dtype=np.uint8)}, "(n, 3072) of bytes, but are of shape (4, 3071)"),
        ({b"data": np.zeros(3072, dtype=np.uint8)}, "(n, 3072) of bytes, but are of shape (3072,)"),
        ({b"data": np.zeros((4, 3, 1024), dtype=np.uint8)}, "neither a row nor a table"),
        ({b"data": [[1] * 3072]}, "but are a list"),
        ({b"labels": [1, 2, 3]}, "holds 4 images, but 3 labels"),
        ({b"labels": [1, 2, 3, 10]}, "whole numbers from 0 to 9"),
        ({b"labels": [1, 2, 3, -1]}, "whole numbers from 0 to 9"),
        ({b"labels": [1, 2, 3, True]}, "whole numbers from 0 to 9"),
        ({b"labels": b"1234"}, "whole numbers from 0 to 9"),
    ],
)
def test_entries_that_are_not_a_batchs(changed, message, refused, rng):
    assert message in refused(contents(rng) | changed)


def test_sizes_that_do_not_fit_the_bytes(refused, rng):
    content = pickle.dumps(contents(rng), protocol=2)
    assert content.count(b"K\x04M\x00\x0c") == 1
    assert "announces an array of shape (5, 3072), and has 12288 bytes for it" in refused(
        content.replace(b"K\x04M\x00\x0c", b"K\x05M\x00\x0c")
    )


# The data set


@pytest.fixture
def folder(write, tmp_path, rng):
    for name in (*TRAIN, "test_batch"):
        write(contents(rng), name)
    return tmp_path


@pytest.mark.parametrize("train", [True, False])
def test_a_missing_batch(train, folder):
    name = "data_batch_4" if train else "test_batch"
    (folder / name).unlink()
    message = f"there is no file {folder / name}; `make data` downloads CIFAR-10"
    with pytest.raises(FileNotFoundError, match=re.escape(message)):
        CIFAR10Dataset(folder, train)
    assert len(CIFAR10Dataset(folder, not train)) > 0


def test_a_missing_folder(tmp_path):
    message = f"there is no folder {tmp_path / 'none'}; `make data` downloads CIFAR-10"
    with pytest.raises(FileNotFoundError, match=re.escape(message)):
        CIFAR10Dataset(tmp_path / "none", True)


def test_a_truncated_batch_names_its_file(folder):
    path = folder / "data_batch_3"
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(ValueError, match=rf"{re.escape(str(path))} is cut short: it has [\d,]+ bytes"):
        CIFAR10Dataset(folder, True)


def test_float64_is_never_made_of_all_images(folder):
    """50,000 images are 600 MB as float32 already."""
    tracemalloc.start()
    try:
        data = CIFAR10Dataset(folder, True)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2 * data.X.nbytes
