"""Intake: every way of handing in gives the same files; every way of smuggling is refused or set aside."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import stat
import struct
import subprocess
import tarfile
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest
from grader.authoring.trees import released_tree, write_tree
from grader.judge import archives, intake
from grader.judge.archives import SubmissionError, is_submission
from grader.judge.intake import FILE_LIMIT, Submission, take
from judge_course import VICTIM, hand_in, solved

BYSTANDER = "hw0/src/bystander.py"
GOOD = b"def double(x):\n    return 2.0 * x\n"


def zip_of(path: Path, files: dict[str, bytes], **info) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            for key, value in info.items():
                setattr(member, key, value)
            archive.writestr(member, data)
    return path


def tar_of(path: Path, files: dict[str, bytes], mode: str = "w:gz", extra: list[tarfile.TarInfo] | None = None) -> Path:
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for member in extra or []:
            archive.addfile(member)
    return path


@pytest.fixture
def taken(course):
    def take_it(source: Path, stage: str = "hw0") -> Submission:
        return take(source, course, course.stage(stage))

    return take_it


@pytest.fixture
def refused(course, tmp_path):
    """The words that a submission is refused with; nothing may have been written anywhere near it."""

    def refuse(source: Path, stage: str = "hw0") -> str:
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(SubmissionError) as error:
            take(source, course, course.stage(stage))
        assert sorted(tmp_path.rglob("*")) == before
        return str(error.value)

    return refuse


def aside(submission: Submission) -> dict[str, str]:
    return {entry.path: entry.reason for entry in submission.set_aside}


# ------------------------------------------------------------------------------------------------ every way in


@pytest.mark.parametrize("prefix", ["", "needle-alice/", "a/b/c/"])
@pytest.mark.parametrize("form", ["folder", "zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
def test_all_forms_give_the_same_files(course, taken, tmp_path, form, prefix):
    tree = {prefix + path: data for path, data in solved(course, "hw0").items()}
    if form == "folder":
        source = hand_in(tree, tmp_path / "work")
    elif form == "zip":
        source = zip_of(tmp_path / "work.zip", tree)
    else:
        mode = {"tar": "w", "tar.gz": "w:gz", "tar.bz2": "w:bz2", "tar.xz": "w:xz"}[form]
        source = tar_of(tmp_path / f"work.{form}", tree, mode)
    submission = taken(source)
    assert submission.taken == (BYSTANDER, VICTIM)
    assert submission.files[VICTIM] == tree[prefix + VICTIM]
    assert submission.name == "work"
    assert submission.missing == ()
    assert submission.set_aside == ()


@pytest.fixture
def repository(course, tmp_path, git) -> Path:
    """A work folder with a commit of everything solved, a link and a submodule's entry."""
    work = hand_in(solved(course, "hw0"), tmp_path / "repository")
    os.symlink("/etc/passwd", work / "link")
    git(work, "init", "--quiet", "--initial-branch=main")
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message", "work")
    return work


def test_git_in_every_form(course, taken, tmp_path, git, repository):
    """A work folder, a bare clone (packed and loose references) and a bundle, all of the same commit."""
    expected = taken(hand_in(solved(course, "hw0"), tmp_path / "plain")).digest
    assert taken(repository).digest == expected
    git(tmp_path, "clone", "--quiet", "--bare", "repository", "bare")
    git(tmp_path / "bare", "pack-refs", "--all")
    git(repository, "bundle", "create", "--quiet", str(tmp_path / "work.bundle"), "HEAD", "main")
    for source in (tmp_path / "bare", tmp_path / "work.bundle"):
        submission = taken(source)
        assert submission.digest == expected
        assert aside(submission) == {"link": "a link, not a file"}
    (tmp_path / "bare/HEAD").write_text(git(repository, "rev-parse", "HEAD"))
    assert taken(tmp_path / "bare").digest == expected


def test_only_committed_work_counts_in_a_bare_repository(course, taken, tmp_path, git, repository):
    (repository / VICTIM).write_bytes(GOOD)
    git(tmp_path, "clone", "--quiet", "--bare", "repository", "bare")
    assert taken(tmp_path / "bare").files[VICTIM] != GOOD
    assert taken(repository).files[VICTIM] == GOOD


def test_a_repositorys_own_configuration_is_never_read(taken, tmp_path, git, repository):
    """Hooks, filters, an external command for missing objects: none runs."""
    git(tmp_path, "clone", "--quiet", "--bare", "repository", "bare")
    mark = tmp_path / "mark"
    bare = tmp_path / "bare"
    with (bare / "config").open("a") as file:
        file.write(
            f'[core]\n\tfsmonitor = "touch {mark}"\n\tpager = "touch {mark}"\n\thooksPath = {bare}/hooks\n'
            f'[filter "x"]\n\tsmudge = "touch {mark}"\n\tclean = "touch {mark}"\n[diff]\n\texternal = "touch {mark}"\n'
            "[extensions]\n\tpartialClone = origin\n"
            f'[remote "origin"]\n\turl = "ext::sh -c \'touch {mark}\'"\n\tpromisor = true\n'
            "[protocol]\n\tallow = always\n"
        )
    (bare / "info").mkdir(exist_ok=True)
    (bare / "info/attributes").write_text("* filter=x diff=x\n")
    for name in ("post-checkout", "pre-commit", "reference-transaction"):
        (bare / "hooks").mkdir(exist_ok=True)
        (bare / "hooks" / name).write_text(f"#!/bin/sh\ntouch {mark}\n")
        (bare / "hooks" / name).chmod(0o755)
    victim = git(repository, "rev-parse", f"HEAD:{VICTIM}").strip()
    assert taken(bare).taken == (BYSTANDER, VICTIM)
    (bare / "objects" / victim[:2] / victim[2:]).unlink(missing_ok=True)
    for pack in (bare / "objects/pack").glob("*"):
        pack.chmod(0o600)
        pack.unlink()
    with pytest.raises(SubmissionError, match="git cannot read"):
        taken(bare)
    assert not mark.exists()


def test_a_repository_borrows_no_objects(refused, tmp_path, git, repository):
    git(tmp_path, "clone", "--quiet", "--bare", "repository", "bare")
    (tmp_path / "bare/objects/info/alternates").write_text(str(repository / ".git/objects"))
    assert "borrows" in refused(tmp_path / "bare")
    (tmp_path / "bare/objects/info/alternates").unlink()
    os.symlink(repository / ".git/objects", tmp_path / "bare/objects/aa")
    assert "links" in refused(tmp_path / "bare")


def test_a_repository_without_commits(refused, tmp_path, git):
    git(tmp_path, "init", "--quiet", "--bare", "bare")
    assert "HEAD names no commit" in refused(tmp_path / "bare")


def test_a_git_bomb_is_cut_short(refused, tmp_path, git, monkeypatch):
    """Trees of trees: a few hundred bytes that list a million files."""
    monkeypatch.setattr(archives, "GIT_OUTPUT", 100_000)
    bare = tmp_path / "bare"
    git(tmp_path, "init", "--quiet", "--bare", "bare")

    def store(*arguments: str, given: bytes) -> str:
        done = subprocess.run(["git", *arguments], input=given, cwd=bare, capture_output=True, check=True)
        return done.stdout.decode().strip()

    entry, kind = store("hash-object", "-w", "--stdin", given=b"x"), "100644 blob"
    for _ in range(6):
        rows = "".join(f"{kind} {entry}\tf{number}\n" for number in range(10))
        entry, kind = store("mktree", given=rows.encode()), "040000 tree"
    commit = git(bare, "commit-tree", "-m", "bomb", entry).strip()
    (bare / "HEAD").write_text(commit)
    assert "too many files" in refused(bare)


def test_files_of_a_folder_of_submissions():
    names = {
        "alice": False,
        "bob.zip": True,
        "carol.tar.gz": True,
        "dave.TGZ": True,
        "notes.txt": False,
        ".hidden.zip": False,
    }
    for name, expected in names.items():
        assert is_submission(Path("/nowhere") / name) == expected


# ------------------------------------------------------------------------------------------------ what is taken


def test_only_files_that_students_may_change_are_taken(course, taken, tmp_path):
    tree = solved(course, "hw0") | {
        "hw0/tests/test_double.py": b"def test_nothing(): pass\n",
        "hw0/assignment.toml": b"points = 1000\n",
        "grader/hidden/hw0/double.py": b"",
        "conftest.py": b"",
        "hw0/src/sitecustomize.py": b"",
        "README.md": b"# A course\n",
    }
    submission = taken(hand_in(tree, tmp_path / "work"))
    assert submission.taken == (BYSTANDER, VICTIM)
    assert aside(submission) == {
        "hw0/tests/test_double.py": "not for students to change; the course's own was used",
        "hw0/assignment.toml": "not for students to change; the course's own was used",
        "grader/hidden/hw0/double.py": "no file of hw0",
        "conftest.py": "no file of hw0",
        "hw0/src/sitecustomize.py": "no file of hw0",
    }


def test_pristine_files_and_the_usual_clutter_are_not_worth_a_word(course, taken, tmp_path):
    clutter = {
        ".git/config": b"",
        ".venv/bin/python": b"",
        "hw0/src/__pycache__/victim.pyc": b"",
        "hw0/src/x.pyc": b"",
        ".DS_Store": b"",
        "__MACOSX/hw0/src/victim.py": b"",
    }
    tree = released_tree(course, "hw0") | clutter | {VICTIM: GOOD}
    for source in (hand_in(tree, tmp_path / "work"), zip_of(tmp_path / "work.zip", tree)):
        assert taken(source).set_aside == ()


def test_a_long_list_of_files_set_aside_is_cut(course, taken, tmp_path):
    tree = solved(course, "hw0") | {f"junk-{number}": b"" for number in range(200)}
    submission = taken(hand_in(tree, tmp_path / "work"))
    assert len(submission.set_aside) == intake.LISTED + 1
    assert submission.set_aside[-1].path == "and 150 more"


@pytest.mark.parametrize("prefix", ["", "needle-alice/"])
def test_many_files_of_one_folder_are_one_entry(course, taken, tmp_path, prefix):
    junk = {f"junk/{number % 7}/{number}": b"" for number in range(1234)} | {
        f"few/{number}": b"" for number in range(2)
    }
    tree = {prefix + path: data for path, data in (solved(course, "hw0") | junk | {"alone": b""}).items()}
    assert aside(taken(zip_of(tmp_path / "work.zip", tree))) == {
        f"{prefix}junk/": "1,234 files, no file of hw0",
        f"{prefix}few/0": "no file of hw0",
        f"{prefix}few/1": "no file of hw0",
        f"{prefix}alone": "no file of hw0",
    }


def test_a_later_homework_beside_the_work_is_no_surprise(course, taken, tmp_path):
    """The repository of a whole term, handed in once more for hw0; what the course does not have is still listed."""
    term = released_tree(course, "native") | solved(course, "hw0") | {"hw1/my_notes.md": b"x", "hw1/notes.md": b"mine"}
    submission = taken(zip_of(tmp_path / "work.zip", {f"needle/{path}": data for path, data in term.items()}))
    assert submission.taken == (BYSTANDER, VICTIM)
    assert aside(submission) == {"needle/hw1/my_notes.md": "no file of hw0"}


def test_a_missing_file_is_listed(course, taken, tmp_path):
    submission = taken(zip_of(tmp_path / "work.zip", {VICTIM: GOOD}))
    assert submission.taken == (VICTIM,)
    assert submission.missing == (BYSTANDER,)


def test_files_of_other_stages_are_no_surprise(course, taken, tmp_path):
    """A whole repository comes with hw0's work when hw1 is handed in."""
    submission = taken(hand_in(solved(course, "hw1"), tmp_path / "work"), "hw1")
    assert submission.taken == ("common/needle/python/needle/ops.py",)
    assert (submission.missing, submission.set_aside) == ((), ())


def test_line_ends_and_byte_order_marks_do_not_matter(course, taken, tmp_path):
    plain = taken(hand_in({VICTIM: GOOD}, tmp_path / "plain"))
    windows = taken(hand_in({VICTIM: b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n")}, tmp_path / "windows"))
    assert windows.files == plain.files
    assert windows.digest == plain.digest


def test_what_is_not_text_is_taken_with_a_word_about_it(taken, tmp_path):
    latin = taken(hand_in({VICTIM: "# für\n".encode("latin-1")}, tmp_path / "latin"))
    assert latin.faults == {VICTIM: "not UTF-8: byte 3 is 0xfc"}
    nul = taken(hand_in({VICTIM: b"x = 1\0\n"}, tmp_path / "nul"))
    assert nul.faults == {VICTIM: "not text: byte 5 is NUL"}


def test_digest_depends_on_the_files_taken_alone(course, taken, tmp_path):
    one = taken(hand_in(solved(course, "hw0"), tmp_path / "one"))
    two = taken(hand_in(solved(course, "hw0") | {"notes.txt": b"hello"}, tmp_path / "two"))
    other = taken(hand_in(solved(course, "hw0") | {VICTIM: GOOD}, tmp_path / "other"))
    assert one.digest == two.digest != other.digest


def test_a_large_editable_file_is_set_aside(course, taken, tmp_path):
    tree = solved(course, "hw0") | {VICTIM: b"#" * (FILE_LIMIT + 1)}
    for source in (hand_in(tree, tmp_path / "work"), zip_of(tmp_path / "work.zip", tree)):
        submission = taken(source)
        assert submission.missing == (VICTIM,)
        assert aside(submission)[VICTIM] == f"larger than 1 MiB ({FILE_LIMIT + 1:,} bytes)"


def test_a_very_large_editable_file_is_measured_in_units(course, taken, tmp_path):
    work = hand_in(solved(course, "hw0"), tmp_path / "work")
    with (work / VICTIM).open("wb") as file:
        file.truncate(100 * 10**6)
    assert aside(taken(work))[VICTIM] == "larger than 1 MiB (95.4 MiB)"


def test_a_hundred_megabytes_beside_the_work(course, taken, tmp_path):
    """In a folder it is not even opened; packed, it is passed over."""
    work = hand_in(solved(course, "hw0"), tmp_path / "work")
    with (work / "data.bin").open("wb") as file:
        file.truncate(100 * 10**6)
    assert aside(taken(work)) == {"data.bin": "no file of hw0"}
    packed = tar_of(tmp_path / "work.tar.gz", solved(course, "hw0") | {"data.bin": bytes(100 * 10**6)})
    assert aside(taken(packed)) == {"data.bin": "no file of hw0"}


def test_ten_thousand_files(course, taken, tmp_path):
    tree = solved(course, "hw0") | {f"junk/{number}": b"" for number in range(10_000)}
    submission = taken(zip_of(tmp_path / "work.zip", tree))
    assert submission.taken == (BYSTANDER, VICTIM)


# ------------------------------------------------------------------------------------------------ what is refused


def test_nothing_there(refused, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "holds no files" in refused(tmp_path / "empty")
    assert "holds no files" in refused(zip_of(tmp_path / "empty.zip", {}))
    (tmp_path / "zero.zip").write_bytes(b"")
    assert "empty file" in refused(tmp_path / "zero.zip")
    assert "cannot be read" in refused(tmp_path / "absent.zip")


def test_something_else(refused, tmp_path):
    (tmp_path / "essay.zip").write_bytes(b"Dear professor, " * 100)
    assert "none of what can be graded" in refused(tmp_path / "essay.zip")
    assert "holds nothing of hw0" in refused(zip_of(tmp_path / "cats.zip", {"cat.jpg": b"", "dog.jpg": b""}))


def test_another_homework(refused, tmp_path):
    files = {"common/needle/python/needle/ops.py": b"def square(a): return a * a\n"}
    assert "looks like hw1, not hw0" in refused(zip_of(tmp_path / "work.zip", files))


@pytest.mark.parametrize("path", ["src/victim.py", "victim.py", "homework/src/victim.py"])
def test_another_layout(refused, tmp_path, path):
    message = refused(zip_of(tmp_path / "work.zip", {path: GOOD}))
    assert "another layout" in message
    assert f"'{path}' would be {VICTIM}" in message
    assert "`make archive S=hw0`" in message


def test_two_copies(course, refused, tmp_path):
    tree = {f"{copy}/{path}": data for copy in ("old", "new") for path, data in solved(course, "hw0").items()}
    assert "twice, in 'new/ and old/'" in refused(zip_of(tmp_path / "work.zip", tree))


def test_an_incomplete_copy_beside_the_work_is_no_matter(course, taken, tmp_path):
    tree = solved(course, "hw0") | {f"backup/{VICTIM}": b"old\n"}
    submission = taken(zip_of(tmp_path / "work.zip", tree))
    assert submission.files[VICTIM] != b"old\n"
    assert f"backup/{VICTIM}" in aside(submission)


@pytest.mark.parametrize(
    "name",
    [
        "../escape.py",
        "a/../../escape.py",
        "/etc/escape.py",
        "C:/escape.py",
        "c:escape.py",
        "a\\b.py",
        "a\nb.py",
        "a\x7f.py",
        "x" * 2000,
        "/".join("x" * 60),
    ],
    ids=[
        "up",
        "up twice",
        "absolute",
        "drive",
        "drive without slash",
        "backslash",
        "newline",
        "delete",
        "long",
        "deep",
    ],
)
def test_names_that_no_honest_tool_makes(course, refused, tmp_path, name):
    tree = solved(course, "hw0")
    refused(zip_of(tmp_path / "work.zip", tree | {name: b"x"}))
    refused(tar_of(tmp_path / "work.tar.gz", tree | {name: b"x"}))


def test_a_nul_in_a_zips_name(course, refused, tmp_path):
    """zipfile itself cuts the name there, so that what is checked is not what was packed."""
    source = zip_of(tmp_path / "work.zip", solved(course, "hw0") | {"hw0/src/victim.py#.txt": b"x"})
    source.write_bytes(source.read_bytes().replace(b"victim.py#.txt", b"victim.py\0.txt"))
    assert "control character" in refused(source)


@pytest.mark.parametrize(
    "other", ["hw0/src/Victim.py", "HW0/src/victim.py", "hw0/src/victim.py", "hw0/src/\uff56ictim.py"]
)
def test_names_that_collide(course, refused, tmp_path, other):
    """By case, by Unicode form, or twice the same: which one counts must not hang on a disk's habits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # zipfile notices names that are exactly equal
        with zipfile.ZipFile(tmp_path / "work.zip", "w") as archive:
            archive.writestr(VICTIM, GOOD)
            archive.writestr(other, GOOD)
    assert "one name on some disks" in refused(tmp_path / "work.zip")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE])
def test_links_and_devices_are_never_followed(course, taken, tmp_path, kind):
    (tmp_path / "target").write_bytes(GOOD)
    member = tarfile.TarInfo(VICTIM)
    member.type, member.linkname = kind, str(tmp_path / "target")
    files = {BYSTANDER: solved(course, "hw0")[BYSTANDER]}
    submission = taken(tar_of(tmp_path / "work.tar.gz", files, extra=[member]))
    assert submission.missing == (VICTIM,)
    assert "not a" in aside(submission)[VICTIM]


def test_links_in_zips_and_folders(course, taken, tmp_path):
    (tmp_path / "target").write_bytes(GOOD)
    with zipfile.ZipFile(tmp_path / "work.zip", "w") as archive:
        archive.writestr(BYSTANDER, solved(course, "hw0")[BYSTANDER])
        link = zipfile.ZipInfo(VICTIM)
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, str(tmp_path / "target"))
    work = hand_in({BYSTANDER: solved(course, "hw0")[BYSTANDER]}, tmp_path / "work")
    os.symlink(tmp_path / "target", work / VICTIM)
    os.symlink("/", work / "everything")
    os.mkfifo(work / "pipe")
    for source in (tmp_path / "work.zip", work):
        submission = taken(source)
        assert submission.missing == (VICTIM,)
        assert aside(submission)[VICTIM] == "a link, not a file"


def test_bombs(course, refused, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "UNPACKED_LIMIT", 50 * 10**6)
    tree = solved(course, "hw0")
    zeros = {f"zeros/{number}": bytes(10**7) for number in range(8)}
    assert "unpacks to more than" in refused(zip_of(tmp_path / "bomb.zip", tree | zeros))
    assert "unpacks to more than" in refused(tar_of(tmp_path / "bomb.tar.gz", tree | zeros))
    for name, pack in (("a.gz", gzip.compress), ("a.bz2", bz2.compress), ("a.xz", lzma.compress)):
        (tmp_path / name).write_bytes(pack(bytes(6 * 10**7)))
        refused(tmp_path / name)


def test_too_many_files(course, refused, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "COUNT_LIMIT", 100)
    tree = solved(course, "hw0") | {f"junk/{number}": b"" for number in range(100)}
    assert "more than 100 files" in refused(hand_in(tree, tmp_path / "work"))
    assert "more than 100 files" in refused(zip_of(tmp_path / "work.zip", tree))
    assert "more than 100 files" in refused(tar_of(tmp_path / "work.tar", tree, "w"))


def test_an_archive_that_is_too_large_is_not_opened(refused, tmp_path):
    with (tmp_path / "work.zip").open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(archives.ARCHIVE_LIMIT + 1)
    assert "at most" in refused(tmp_path / "work.zip")


def test_a_zip_whose_index_is_huge(refused, tmp_path):
    """The end record promises an index of 4 GB less one: nothing of that size is read."""
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 65535, 65535, 2**23, 30, 0)
    (tmp_path / "work.zip").write_bytes(b"PK\x03\x04" + bytes(2**23 + 26) + end)
    assert "index is too large" in refused(tmp_path / "work.zip")


def test_a_zip_that_lies_about_sizes(course, tmp_path, refused):
    """The index says 10 bytes where a million follow: what is read is what was checked, or nothing."""
    content = zlib.compressobj(wbits=-15)
    packed = content.compress(bytes(10**6)) + content.flush()
    source = zip_of(tmp_path / "work.zip", solved(course, "hw0") | {VICTIM: bytes(10**6)})
    data = source.read_bytes()
    assert packed in data
    source.write_bytes(data.replace(struct.pack("<LL", len(packed), 10**6), struct.pack("<LL", len(packed), 10)))
    assert "damaged" in refused(source)


def test_an_encrypted_or_exotic_zip(course, refused, tmp_path):
    source = zip_of(tmp_path / "work.zip", {VICTIM: GOOD})
    data = bytearray(source.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    source.write_bytes(bytes(data))
    assert "encrypted" in refused(source)
    with zipfile.ZipFile(source, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(VICTIM, GOOD)
    assert "uncommon method" in refused(source)


def test_a_tar_header_that_asks_for_memory(course, refused, tmp_path):
    """An extended header of a gigabyte, which tarfile reads in one piece."""
    member = tarfile.TarInfo("pax")
    member.type, member.size = tarfile.XHDTYPE, 2**30
    (tmp_path / "work.tar").write_bytes(member.tobuf(tarfile.USTAR_FORMAT) + bytes(1 << 20))
    assert "header of the archive is too large" in refused(tmp_path / "work.tar")


def test_damaged_archives_are_refused_and_nothing_else_happens(course, tmp_path):
    """Random damage ends in a submission or in SubmissionError."""
    rng = random.Random(3)
    tree = solved(course, "hw0")
    sources = [zip_of(tmp_path / "a.zip", tree)]
    sources += [tar_of(tmp_path / f"a.tar{end}", tree, f"w:{end[1:]}") for end in ("", ".gz", ".bz2", ".xz")]
    refusals = 0
    for source in sources:
        good = source.read_bytes()
        for _ in range(40):
            damaged = bytearray(good[: rng.randrange(1, len(good))] if rng.random() < 0.3 else good)
            for _ in range(rng.randrange(1, 6)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            target = tmp_path / "damaged"
            target.write_bytes(damaged)
            try:
                take(target, course, course.stage("hw0"))
            except SubmissionError:
                refusals += 1
    assert refusals > 50


def test_nothing_of_an_archive_is_written(course, taken, tmp_path, monkeypatch):
    source = zip_of(tmp_path / "work.zip", solved(course, "hw0"))
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    taken(source)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_that_changes_underfoot(course, tmp_path, monkeypatch):
    """What was a file when it was listed is a link when it is opened: it is not followed."""
    work = hand_in({VICTIM: GOOD}, tmp_path / "work")
    (tmp_path / "target").write_bytes(GOOD)
    real = archives.os.open

    def swapped(path, *arguments):
        (work / VICTIM).unlink()
        os.symlink(tmp_path / "target", work / VICTIM)
        return real(path, *arguments)

    monkeypatch.setattr(archives.os, "open", swapped)
    with pytest.raises(SubmissionError):
        take(work, course, course.stage("hw0"))


def test_the_original_courses_markers_do_not_matter(course, taken, tmp_path):
    text = b"def double(x):\n    ### BEGIN YOUR SOLUTION\n    return 2.0 * x\n"
    submission = taken(hand_in({VICTIM: text}, tmp_path / "work"))
    assert submission.files[VICTIM] == text


def test_a_submission_is_written_down_for_the_report(course, taken, tmp_path):
    info = taken(hand_in(solved(course, "hw0"), tmp_path / "work")).info
    assert (info.name, info.taken) == ("work", [BYSTANDER, VICTIM])


def test_write_tree_is_what_hand_in_uses(course, tmp_path):
    """The helper of these tests writes what it is given."""
    write_tree({VICTIM: GOOD}, tmp_path / "w")
    assert (tmp_path / "w" / VICTIM).read_bytes() == GOOD
