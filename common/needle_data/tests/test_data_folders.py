"""Where data sets are looked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from needle_data import MissingDataError, find, require, searched


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with nothing around it; NEEDLE_DATA is not set."""
    monkeypatch.delenv("NEEDLE_DATA")
    (tmp_path / "around" / "checkout").mkdir(parents=True)
    return tmp_path / "around" / "checkout"


def put(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_the_nearest_folder_that_holds_everything_is_found(checkout):
    assert find("a", root=checkout) is None
    shared = put(checkout.parent / "shared" / "data", "a", "b", "things/c")
    assert find("a", "b", root=checkout) == shared
    beside = put(checkout.parent / "data", "a", "b")
    assert find("a", "b", root=checkout) == beside
    own = put(checkout / "data", "a")
    assert find("a", root=checkout) == own
    assert find("a", "b", root=checkout) == beside
    assert find("things/c", root=checkout) == find("things", root=checkout) == shared


def test_needle_data_counts_alone(checkout, monkeypatch, tmp_path):
    put(checkout / "data", "a")
    named = put(tmp_path / "named", "b")
    monkeypatch.setenv("NEEDLE_DATA", str(named))
    assert find("b", root=checkout) == named
    assert find("a", root=checkout) is None
    assert searched(checkout) == [named]
    with pytest.raises(MissingDataError, match=rf"a is not in {named}, .*NEEDLE_DATA names it: run make data"):
        require("a", root=checkout)


def test_an_empty_needle_data_is_none(checkout, monkeypatch):
    monkeypatch.setenv("NEEDLE_DATA", "")
    own = put(checkout / "data", "a")
    assert find("a", root=checkout) == own


def test_needle_data_may_begin_with_a_tilde_or_be_relative(checkout, monkeypatch, tmp_path):
    named = put(tmp_path / "named", "a")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NEEDLE_DATA", "~/named")
    assert find("a", root=checkout) == named
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEEDLE_DATA", "named")
    assert find("a", root=checkout) == named


def test_what_is_missing_is_said_with_every_folder_and_what_to_do(checkout):
    put(checkout / "data", "a")
    with pytest.raises(FileNotFoundError) as caught:
        require("a", "b", "c", root=checkout)
    message = str(caught.value)
    assert message.startswith("b (and 1 more) is not at hand; looked in ")
    for folder in (checkout / "data", checkout.parent / "data", checkout.parent / "shared" / "data"):
        assert str(folder) in message
    assert message.endswith("run make data, or set NEEDLE_DATA to the folder that holds it")
    assert require("a", root=checkout) == checkout / "data"


def test_the_repository_is_that_of_the_working_folder(checkout, monkeypatch, tmp_path):
    (checkout / "course.toml").touch()
    (checkout / "hw2").mkdir()
    monkeypatch.chdir(checkout / "hw2")
    assert searched()[0] == checkout / "data"
    monkeypatch.chdir(tmp_path)
    assert (searched()[0].parent / "common" / "needle_data").is_dir()
