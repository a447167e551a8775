"""Archives, good and hostile, and the text corpus."""

from __future__ import annotations

import io
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from needle_data import find
from needle_data.errors import DataError
from needle_data.fetch import fetch
from needle_data.registry import DataSet, Item
from needle_data.unpack import split_text, unpack

PIECES = {f"things/batch_{number}": random.Random(number).randbytes(30_000) for number in range(3)}
SPLIT = ("shakespeare/train.txt", "shakespeare/valid.txt", "shakespeare/test.txt")


def tar_of(members: dict[str, bytes], extra: tuple[tarfile.TarInfo, ...] = ()) -> bytes:
    """A gzipped tar of files, in this order, after the members of `extra`, which have no content."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for info in extra:
            tar.addfile(info)
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode, info.uid = len(content), 0o4777, 12345
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def special(name: str, kind: bytes, linkname: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, linkname
    return info


@pytest.fixture
def things(server, sha256, folder) -> Callable[[bytes], DataSet]:
    """`things(packed)`: the data set whose archive on the server is `packed`."""

    def make(packed: bytes) -> DataSet:
        server.files["things.tar.gz"] = packed
        files = tuple(Item(name, None, sha256(content)) for name, content in PIECES.items())
        archive = Item("things.tar.gz", len(packed), sha256(packed))
        return DataSet("things", "Things", (server.mirror("range"),), (archive,), files, "tar")

    return make


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_archive_is_unpacked_and_removed(things, folder, server):
    packed = tar_of(
        {"things/readme.html": b"hello", **dict(reversed(PIECES.items()))},
        extra=(special("things", tarfile.DIRTYPE),),
    )
    fetch(things(packed))
    assert everything_in(folder) == PIECES
    assert {path.name for path in folder.iterdir()} == {"things"}
    assert all((folder / name).stat().st_mode & 0o7111 == 0 for name in PIECES)
    fetch(things(packed))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("hostile", "why"),
    [
        (special("../evil", tarfile.REGTYPE), "leads out of the archive"),
        (special("things/../../evil", tarfile.REGTYPE), "leads out of the archive"),
        (special("/evil", tarfile.REGTYPE), "leads out of the archive"),
        (special("things/batch_0", tarfile.SYMTYPE, "/etc/passwd"), "neither a file nor a folder"),
        (special("things", tarfile.SYMTYPE, "/tmp"), "neither a file nor a folder"),
        (special("things/evil", tarfile.LNKTYPE, "../../evil"), "neither a file nor a folder"),
        (special("things/evil", tarfile.CHRTYPE), "neither a file nor a folder"),
        (special("things/evil", tarfile.FIFOTYPE), "neither a file nor a folder"),
    ],
    ids=lambda value: f"{value.name}-{value.type.decode()}" if isinstance(value, tarfile.TarInfo) else "",
)
def test_a_hostile_archive_is_refused_whole(hostile, why, things, folder, tmp_path):
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(folder)}
    with pytest.raises(DataError, match=rf"things\.tar\.gz: refused, because its member '{hostile.name}' .*{why}"):
        fetch(things(tar_of(PIECES, extra=(hostile,))))
    assert list(folder.iterdir()) == []
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(folder)} == before


LAST = list(PIECES)[-1]


@pytest.mark.parametrize(
    ("packed", "why"),
    [
        (tar_of({name: PIECES[name] for name in PIECES if name != LAST}), f"holds no {LAST}"),
        (tar_of({**PIECES, LAST: b"other"}), f"{LAST} in it is not what it should be: wrong checksum"),
        (tar_of(PIECES)[:-5_000], "no readable tar archive"),
        (b"no archive at all" * 100, "no readable tar archive"),
        (
            tar_of({name: PIECES[name] for name in PIECES if name != LAST}, (special(LAST, tarfile.DIRTYPE),)),
            "a folder",
        ),
    ],
    ids=["lacking", "other content", "truncated", "no tar", "folder"],
)
def test_an_archive_without_the_right_files_leaves_nothing(packed, why, things, folder):
    with pytest.raises(DataError, match=why):
        fetch(things(packed))
    assert list(folder.iterdir()) == []


def test_a_damaged_piece_is_replaced_and_other_files_stay(things, folder):
    fetch(things(tar_of(PIECES)))
    (folder / LAST).write_bytes(b"damaged")
    (folder / "things/notes.txt").write_bytes(b"mine")
    fetch(things(tar_of(PIECES)))
    assert everything_in(folder) == {**PIECES, "things/notes.txt": b"mine"}


def test_an_archive_that_was_put_there_by_hand_is_unpacked(things, folder, server):
    folder.mkdir()
    (folder / "things.tar.gz").write_bytes(tar_of(PIECES))
    packed = (folder / "things.tar.gz").read_bytes()
    fetch(things(packed))
    assert everything_in(folder) == PIECES
    assert server.asked == []


def test_a_text_becomes_tokens_parted_by_blanks(tmp_path):
    (tmp_path / "in.txt").write_text(
        "First Citizen:\nSpeak, speak.\n\n'Tis o'er--I know't; 3 & 4!\n***\nGo: market-place?"
    )
    split_text(tmp_path / "in.txt", ["a/one.txt", "a/two.txt", "a/three.txt"], tmp_path)
    together = "".join((tmp_path / f"a/{name}.txt").read_text() for name in ("one", "two", "three"))
    assert together.split("\n") == [
        " first citizen : ",
        " speak , speak . ",
        " tis o'er - - i know't ; ! ",
        " go : market - place ? ",
        "",
    ]


def test_a_text_is_cut_by_line_in_order(tmp_path):
    words = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(1_040)]
    (tmp_path / "in.txt").write_text("\n".join(words))
    split_text(tmp_path / "in.txt", ["one.txt", "two.txt", "three.txt"], tmp_path)
    parts = [(tmp_path / f"{name}.txt").read_text().split() for name in ("one", "two", "three")]
    assert [len(part) for part in parts] == [936, 52, 52]
    assert [word for part in parts for word in part] == words


def test_the_text_corpus_goes_through_a_download(server, sha256, folder):
    content = b"To be, or not to be.\n" * 40
    server.files["input.txt"] = content
    items = (Item("input.txt", len(content), sha256(content)),)
    fetch(DataSet("shakespeare", "A text", (server.mirror("plain"),), items, tuple(map(Item, SPLIT)), "text"))
    assert set(everything_in(folder)) == set(SPLIT)
    assert (folder / SPLIT[1]).read_text() == " to be , or not to be . \n" * 2


def test_the_real_corpus_is_what_the_split_makes_of_its_own_text(tmp_path, monkeypatch):
    monkeypatch.delenv("NEEDLE_DATA")
    real = find(*SPLIT)
    if real is None:
        pytest.skip("the text corpus is not at hand (make data ONLY=shakespeare)")
    (tmp_path / "in.txt").write_bytes(b"".join((real / name).read_bytes() for name in SPLIT))
    split_text(tmp_path / "in.txt", SPLIT, tmp_path)
    assert [(tmp_path / name).read_bytes() == (real / name).read_bytes() for name in SPLIT] == [True, True, True]


def test_where_the_folder_is_at_fault_the_archive_is_kept(things, folder, server):
    dataset = things(tar_of(PIECES))
    folder.mkdir()
    (folder / "things.tar.gz").write_bytes(server.files["things.tar.gz"])
    (folder / "things").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="things"):
        unpack(dataset, folder)
    assert {path.name for path in folder.iterdir()} == {"things", "things.tar.gz"}
    assert (folder / "things.tar.gz").read_bytes() == server.files["things.tar.gz"]
