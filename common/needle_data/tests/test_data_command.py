"""The command line: what it downloads where, what it leaves alone, what it says, how it exits."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest
from needle_data.__main__ import main
from needle_data.checks import State, check
from needle_data.folders import find
from needle_data.registry import DataSet, Item, load_registry

NAME = "digits.bin"


def test_everything_is_downloaded_unless_some_are_named(digits, folder, server, sha256, capsys):
    server.files["other.bin"] = b"other"
    items = (Item("other.bin", 5, sha256(b"other")),)
    other = DataSet("other", "Other", (server.mirror("plain"),), items, items)
    datasets = {"digits": digits("plain"), "other": other}
    assert main(["other"], datasets) == 0
    assert {path.name for path in folder.iterdir()} == {"other.bin"}
    assert main([], datasets) == 0
    assert {path.name for path in folder.iterdir()} == {"other.bin", NAME}
    assert len(server.asked) == 2
    assert f"other: already in {folder}" in capsys.readouterr().out


def test_one_that_fails_does_not_keep_the_others_but_the_exit_status_is_1(digits, folder, server, sha256, capsys):
    server.files["other.bin"] = b"other"
    items = (Item("other.bin", 5, sha256(b"other")),)
    other = DataSet("other", "Other", (server.mirror("plain"),), items, items)
    assert main([], {"digits": digits("liar", "missing"), "other": other}) == 1
    assert {path.name for path in folder.iterdir()} == {"other.bin"}
    stderr = capsys.readouterr().err
    assert stderr.startswith("make data: digits: digits.bin could not be downloaded. 127.0.0.1:")
    assert stderr.count("\n") == 1


def test_an_unknown_name_is_misuse(digits, capsys, server):
    assert main(["digits", "minst"], {"digits": digits("plain")}) == 2
    assert capsys.readouterr().err == "make data: there is no data set 'minst'; there are: digits\n"
    assert server.asked == []


def test_a_damaged_file_is_replaced_and_said_so(digits, folder, server, capsys):
    folder.mkdir()
    (folder / NAME).write_bytes(b"damaged")
    assert main([], {"digits": digits("missing")}) == 1
    assert (folder / NAME).read_bytes() == b"damaged"
    assert main([], {"digits": digits("plain")}) == 0
    assert "digits.bin: wrong checksum" in capsys.readouterr().out
    assert (folder / NAME).read_bytes() == server.files[NAME]


def test_the_same_content_compressed_anew_is_as_good(folder, server, sha256, capsys):
    content = server.files[NAME]
    packed = gzip.compress(content, 9, mtime=1)
    items = (Item("digits.gz", len(packed), sha256(packed), sha256(content)),)
    dataset = DataSet("digits", "Digits", (server.mirror("missing"),), items, items)
    folder.mkdir()
    (folder / "digits.gz").write_bytes(gzip.compress(content, 1, mtime=2))
    assert main([], {"digits": dataset}) == 0
    assert server.asked == []
    for damaged in (gzip.compress(content[1:]), packed[:-9], packed[:50] + b"?" + packed[51:], b"no gzip"):
        (folder / "digits.gz").write_bytes(damaged)
        assert check(folder / "digits.gz", items[0]) is State.WRONG


def test_data_goes_to_the_repository_unless_needle_data_is_set(digits, folder, tmp_path, monkeypatch):
    checkout = tmp_path / "around" / "checkout"
    (checkout / "hw2").mkdir(parents=True)
    (checkout / "course.toml").touch()
    monkeypatch.chdir(checkout / "hw2")
    assert main([], {"digits": digits("plain")}) == 0
    assert sorted(path.name for path in checkout.rglob("*")) == ["course.toml", "hw2"]
    assert (folder / NAME).is_file()

    monkeypatch.delenv("NEEDLE_DATA")
    assert main([], {"digits": digits("plain")}) == 0
    assert sorted(path.name for path in checkout.rglob("*")) == ["course.toml", "data", NAME, "hw2"]


def test_a_right_copy_beside_the_checkout_is_used(digits, tmp_path, monkeypatch, server):
    checkout = tmp_path / "around" / "checkout"
    checkout.mkdir(parents=True)
    (checkout / "course.toml").touch()
    monkeypatch.chdir(checkout)
    monkeypatch.delenv("NEEDLE_DATA")
    shared = tmp_path / "around" / "shared" / "data"
    shared.mkdir(parents=True)
    (shared / NAME).write_bytes(server.files[NAME])
    assert main([], {"digits": digits("dead")}) == 0
    (shared / NAME).write_bytes(b"damaged")
    assert main([], {"digits": digits("plain")}) == 0
    assert (checkout / "data" / NAME).read_bytes() == server.files[NAME]
    assert (shared / NAME).read_bytes() == b"damaged"


def test_the_list_says_what_is_there_and_downloads_nothing(digits, folder, server, capsys):
    datasets = {"digits": digits("plain")}

    def listed() -> str:
        assert main(["--list"], datasets) == 0
        return capsys.readouterr().out

    assert f"{folder}  (not there)" in listed()
    assert not folder.exists()
    folder.mkdir()
    (folder / f"{NAME}.part").write_bytes(b"x" * 12_345)
    assert "12,345 bytes  interrupted; make data goes on from there" in listed()
    assert f"in {folder}  (not complete)" in listed()
    (folder / NAME).write_bytes(server.files[NAME][:-1])
    assert "199,999 bytes  wrong checksum" in listed()
    (folder / NAME).write_bytes(server.files[NAME])
    assert "200,000 bytes  checksum right" in listed()
    assert server.asked == []


def test_help_teaches(capsys):
    with pytest.raises(SystemExit) as exited:
        main(["--help"])
    assert exited.value.code == 0
    text = capsys.readouterr().out
    for word in (
        "mnist, cifar10, shakespeare",
        "NEEDLE_DATA",
        "NEEDLE_MIRROR",
        "ONLY=mnist",
        "without a network",
        ".part",
    ):
        assert word in text


def test_make_data_is_this_command(folder):
    root = Path(__file__).parents[3]
    make = [
        "make",
        "--no-print-directory",
        "data",
        "LIST=1",
        "ONLY=mnist",
        "READY=",
        f"BIN={Path(sys.executable).parent}",
    ]
    done = subprocess.run(make, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{folder}  (not there)" in done.stdout
    assert "train-images-idx3-ubyte.gz" in done.stdout
    assert "cifar" not in done.stdout


def test_the_registry_holds_the_published_files():
    datasets = load_registry()
    assert list(datasets) == ["mnist", "cifar10", "shakespeare"]
    sizes = {item.name: item.bytes for dataset in datasets.values() for item in dataset.downloads}
    assert sizes["train-images-idx3-ubyte.gz"] == 9_912_422
    assert sizes["cifar-10-python.tar.gz"] == 170_498_071
    for dataset in datasets.values():
        assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in dataset.mirrors)
        assert all((item.checksum or "").startswith("sha256:") for item in dataset.downloads)


def test_real_mnist_is_recognised(monkeypatch):
    monkeypatch.delenv("NEEDLE_DATA")
    mnist = load_registry()["mnist"]
    folder = find(*mnist.names)
    if folder is None:
        pytest.skip("MNIST is not at hand (make data ONLY=mnist)")
    assert {check(folder / item.name, item) for item in mnist.files} <= {State.RIGHT, State.REPACKED}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('mirrors = []\ndownloads = [{ name = "a", bytes = 1, checksum = "md5:%s" }]' % ("0" * 32), "needs a mirror"),
        (
            'mirrors = ["http://a/"]\ndownloads = [{ name = "a", checksum = "md5:%s" }]' % ("0" * 32),
            "bytes and a checksum",
        ),
        ('mirrors = ["http://a/"]\ndownloads = [{ name = "a", bytes = 1, checksum = "sha256:123" }]', "is no checksum"),
        ('mirrors = ["http://a/"]\ndownloads = []\nunpack = "tar"', "exactly one download"),
    ],
)
def test_a_registry_with_a_fault_is_refused(text, why, tmp_path):
    (tmp_path / "registry.toml").write_text(f'[digits]\ntitle = "Digits"\n{text}\n')
    with pytest.raises(ValueError, match=why):
        load_registry(tmp_path / "registry.toml")
