"""The box by itself: limits with and without control groups, what is said when it is missing, what is left behind."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
from grader.authoring.manifest import Limits
from grader.judge import cgroups, layout
from grader.judge.box import Box, SandboxMissing, SandboxUnusable
from grader.judge.layout import Mount
from grader.judge.protocol import transcript
from grader.judge.supervise import ENVIRONMENT, Stopped

MODES = {
    "by default": {},
    "no control groups": {"control_groups": False},
    "user namespace": {"user_namespace": True},
    "user namespace, no control groups": {"user_namespace": True, "control_groups": False},
}


@pytest.fixture(params=MODES)
def box(request) -> Box:
    """Every way of confining that this machine has: the fallbacks are worth what their tests are."""
    return Box(**MODES[request.param])


def run(box: Box, source: str, folder: Path, stop=None, **limits):
    folder.mkdir(exist_ok=True)
    indented = "\n".join(f"    {line}" for line in source.splitlines())
    text = f"import os, time, mugrade\n\n\ndef submit_it():\n{indented}\n"
    job = {
        "kind": "cases",
        "tree": box.tree or str(folder),
        "path": [box.tree or str(folder)],
        "site": layout.SITE if box.tree else layout.host_site(["numpy"]),
        "source": text,
        "seed": 1,
        "cases": [{"name": "submit_it", "seed": 2}],
    }
    given = {"wall": 5.0, "cpu": 3.0, "memory": "200MiB", "processes": 16, "output": "1MiB"} | limits
    return box.run(job, [Mount(str(folder), layout.TREE)], Limits(**given), stop=stop)


def values(outcome) -> list:
    return [submitted.value for run in transcript(outcome.frames).cases.values() for submitted in run.values]


def test_values_come_out(box, tmp_path):
    outcome = run(box, "mugrade.submit(1.5)\nprint('heard')", tmp_path / "tree")
    assert (outcome.ended, outcome.status) == ("exit", 0)
    assert values(outcome) == [1.5]
    assert outcome.printed == "heard\n"
    assert 0 < outcome.cpu < 3
    assert outcome.cpu / 10 < outcome.wall
    assert outcome.memory is None or 2**20 < outcome.memory < 200 * 2**20


def test_processor_time_is_limited(box, tmp_path):
    outcome = run(box, "while True: pass", tmp_path / "tree", cpu=0.7, wall=20)
    assert outcome.ended == "cpu"
    assert outcome.wall < 10


def test_processor_time_of_children_counts(box, tmp_path):
    source = "for _ in range(3):\n    if os.fork() == 0:\n        while True: pass\ntime.sleep(100)"
    outcome = run(box, source, tmp_path / "tree", cpu=0.9, wall=20)
    assert outcome.ended == "cpu"


def test_real_time_is_limited(box, tmp_path):
    outcome = run(box, "mugrade.submit(1)\ntime.sleep(100)", tmp_path / "tree", wall=1.0)
    assert outcome.ended == "wall"
    assert 1.0 <= outcome.wall < 4.0
    assert values(outcome) == [1]


def test_memory_is_limited(box, tmp_path):
    source = "kept = []\nwhile True:\n    kept.append(bytearray(os.urandom(1 << 20)) * 8)"
    outcome = run(box, source, tmp_path / "tree", memory="150MiB", wall=20, cpu=20)
    said = transcript(outcome.frames).cases["submit_it"]
    assert outcome.ended == "memory" or said.raised.base == "MemoryError"
    assert outcome.memory < 1400 * 2**20


def test_processes_are_limited(box, tmp_path):
    source = """
made = 0
try:
    for _ in range(100):
        if os.fork() == 0:
            time.sleep(100)
        made += 1
except OSError:
    pass
mugrade.submit(made)
"""
    outcome = run(box, source, tmp_path / "tree", processes=8)
    # Where nothing refuses the fork (a user namespace of root, without control groups) the watch ends the box instead.
    assert outcome.ended == "memory" or 4 <= values(outcome)[0] <= 10


def test_output_is_limited(box, tmp_path):
    assert run(box, "while True: print('x' * 1000)", tmp_path / "tree").ended == "output"
    assert run(box, "while True: mugrade.submit('x' * 1000)", tmp_path / "tree").ended == "output"


def test_nothing_lives_on(box, tmp_path):
    """A daemon that closed everything and left its session is dead when the outcome is there."""
    source = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.closerange(0, 256)
        time.sleep(1000)
    os._exit(0)
"""
    run(box, source, tmp_path / "tree")
    assert [entry for entry in Path("/proc").iterdir() if sees(entry, tmp_path / "tree")] == []


def sees(process: Path, folder: Path) -> bool:
    try:
        return process.name.isdigit() and f"{folder.parent.name}/tree" in (process / "mountinfo").read_text()
    except OSError:
        return False


def test_what_is_visible(box, tmp_path):
    source = "mugrade.submit(sorted(os.listdir('/')))\nmugrade.submit(sorted(os.environ))\nmugrade.submit(os.getcwd())"
    root, environment, here = values(run(box, source, tmp_path / "tree"))
    assert {"proc", "sys", "work", "mnt", "var", "run", "boot"}.isdisjoint(root)
    assert set(environment) <= {*ENVIRONMENT, "PWD", "LC_CTYPE"}
    assert here == "/tmp"


def test_boxes_do_not_share_tmp(box, tmp_path):
    run(box, "open('/tmp/left', 'w').close()", tmp_path / "tree")
    assert values(run(box, "mugrade.submit(os.listdir('/tmp'))", tmp_path / "tree")) == [[]]


def test_the_judges_environment_stays_out(box, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADER_SECRET", "not for students")
    assert "GRADER_SECRET" not in values(run(box, "mugrade.submit(dict(os.environ))", tmp_path / "tree"))[0]


def test_stopping_kills_at_once(box, tmp_path):
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    began = time.monotonic()
    with pytest.raises(Stopped):
        run(box, "time.sleep(100)", tmp_path / "tree", stop=stop, wall=60)
    assert time.monotonic() - began < 10
    assert [entry for entry in Path("/proc").iterdir() if sees(entry, tmp_path / "tree")] == []


def test_no_descriptor_and_no_group_is_left(box, tmp_path):
    run(box, "pass", tmp_path / "tree")
    before = set(os.listdir("/proc/self/fd"))
    for source in ("pass", "os._exit(3)", "while True: print('x' * 10000)"):
        run(box, source, tmp_path / "tree")
    assert set(os.listdir("/proc/self/fd")) == before
    assert list(Path("/sys/fs/cgroup").rglob(f"grader-{os.getpid()}-*")) == []


def test_a_missing_bubblewrap_is_said_and_never_passed_over(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SandboxMissing, match="apt-get install bubblewrap"):
        Box()


def test_an_unusable_bubblewrap_is_said_with_its_words(tmp_path, monkeypatch):
    """A kernel that forbids user namespaces, played by a program in bubblewrap's place."""
    fake = tmp_path / "bwrap"
    fake.write_text(
        "#!/bin/sh\n[ \"$1\" = --help ] && exit\necho 'bwrap: No permissions to creating new namespace' >&2\nexit 1\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(SandboxUnusable, match="No permissions to creating new namespace"):
        run(Box(control_groups=False), "pass", tmp_path / "tree")


def test_an_unknown_sandbox_is_refused():
    with pytest.raises(Exception, match="there are: bubblewrap, none"):
        Box("docker")


def test_the_description_names_what_limits():
    grouped = cgroups.create(64 * 2**20, 8)
    if grouped is not None:
        grouped.remove()
    assert Box().description.endswith("rlimits" if grouped is None else "control groups")
    assert Box(control_groups=False).description.endswith("rlimits")


def test_without_a_box_only_when_asked_for(tmp_path):
    box = Box("none")
    assert box.description == "none"
    outcome = run(box, "mugrade.submit(os.path.exists('/proc/self'))", tmp_path / "tree")
    assert values(outcome) == [os.path.exists("/proc/self")]
    assert run(box, "time.sleep(100)", tmp_path / "tree", wall=0.7).ended == "wall"


def test_groups_of_dead_judges_are_swept():
    group = cgroups.create(64 * 2**20, 8)
    if group is None:
        pytest.skip("no control groups can be made here")
    dead = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True).stdout.strip()
    stale = [folder.rename(folder.with_name(f"grader-{dead}-0")) for folder in group.folders]
    cgroups.sweep()
    assert not any(folder.exists() for folder in stale)
