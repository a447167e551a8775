"""The system call filter, run by an interpreter of the kernel's BPF that knows nothing of how the filter was made."""

from __future__ import annotations

import errno
import struct

import pytest
from grader.judge import seccomp

ALLOW, KILL = 0x7FFF0000, 0x80000000
DENY, ABSENT = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
OTHER_ARCH = 0x40000003  # i386


def run(machine: str, number: int, *arguments: int, arch: int | None = None) -> int:
    """What the filter answers to a system call, after the kernel's net/core/filter.c."""
    padded = (*arguments, *(0,) * (6 - len(arguments)))
    data = struct.pack("<IIQ6Q", number, ARCH[machine] if arch is None else arch, 0, *padded)
    program = list(struct.iter_unpack("<HBBI", seccomp.program(machine)))
    accumulator, position = 0, 0
    while True:
        code, if_true, if_false, operand = program[position]
        position += 1
        if code == 0x20:  # BPF_LD | BPF_W | BPF_ABS
            accumulator = struct.unpack_from("<I", data, operand)[0]
        elif code == 0x06:  # BPF_RET | BPF_K
            return operand
        else:  # BPF_JMP | BPF_K with JEQ, JGE, JSET
            taken = {0x15: accumulator == operand, 0x35: accumulator >= operand, 0x45: bool(accumulator & operand)}[
                code
            ]
            position += if_true if taken else if_false


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_way_through_the_program_ends(machine):
    """Whatever the number, the walk ends in a return: no jump leads outside."""
    answers = {run(machine, number) for number in range(600)}
    assert answers == {ALLOW, DENY, ABSENT}


# name: (x86-64, aarch64), from the kernel's unistd tables
@pytest.mark.parametrize(
    "numbers",
    [
        (101, 117),
        (165, 40),
        (272, 97),
        (308, 268),
        (425, 425),
        (321, 280),
        (298, 241),
        (250, 219),
        (323, 282),
        (319, 279),
        (203, 122),
    ],
    ids=[
        "ptrace",
        "mount",
        "unshare",
        "setns",
        "io_uring_setup",
        "bpf",
        "perf_event_open",
        "keyctl",
        "userfaultfd",
        "memfd",
        "sched_setaffinity",
    ],
)
def test_dangerous_calls_are_denied(numbers):
    assert run("x86_64", numbers[0]) == DENY
    assert run("aarch64", numbers[1]) == DENY


@pytest.mark.parametrize(
    "numbers",
    [(0, 63), (1, 64), (9, 222), (59, 221), (231, 94), (257, 56), (202, 98), (61, 260), (117, 147)],
    ids=["read", "write", "mmap", "execve", "exit_group", "openat", "futex", "wait4", "setresuid"],
)
def test_everyday_calls_are_allowed(numbers):
    assert run("x86_64", numbers[0]) == ALLOW
    assert run("aarch64", numbers[1]) == ALLOW


@pytest.mark.parametrize(("machine", "clone", "clone3"), [("x86_64", 56, 435), ("aarch64", 220, 435)])
def test_clone_makes_processes_but_no_namespaces(machine, clone, clone3):
    thread = 0x003D0F00
    assert run(machine, clone, thread) == ALLOW
    assert run(machine, clone, 17) == ALLOW  # fork: SIGCHLD
    namespaces = [0x80, 0x20000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]
    for flag in namespaces:
        assert run(machine, clone, thread | flag) == DENY
    assert run(machine, clone3) == ABSENT


@pytest.mark.parametrize(("machine", "number"), [("x86_64", 41), ("aarch64", 198)])
def test_only_unix_sockets(machine, number):
    answers = {family: run(machine, number, family, 1, 0) for family in range(50)}
    assert {family for family, answer in answers.items() if answer == ALLOW} == {1}


@pytest.mark.parametrize(("machine", "number"), [("x86_64", 16), ("aarch64", 29)])
def test_no_typing_into_the_terminal(machine, number):
    assert run(machine, number, 0, 0x5412) == DENY
    assert run(machine, number, 0, 0x541C) == DENY
    assert run(machine, number, 0, 0x5401) == ALLOW


def test_another_tables_calls_kill():
    assert run("x86_64", 0, arch=OTHER_ARCH) == KILL
    assert run("aarch64", 0, arch=OTHER_ARCH) == KILL
    assert run("x86_64", 0x40000000 + 101) == KILL
