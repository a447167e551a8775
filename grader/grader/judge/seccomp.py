"""The system calls that the box refuses, as a BPF program for the kernel's seccomp filter.

A deny list: what Python, NumPy and a compiler need differs from release to release, what an escape needs does not.
Namespaces, capabilities and read-only mounts are the wall; this filter takes away the kernel interfaces in which walls
were broken before. A refused call answers EPERM (`clone3` ENOSYS, so that the C library falls back to `clone`, whose
flags a filter can read); a call by another architecture's or the x32 table kills the process.

    struct sock_filter { u16 code; u8 jt; u8 jf; u32 k; }        8 bytes an instruction
    struct seccomp_data { int nr; u32 arch; u64 ip; u64 args[6]; }
"""

from __future__ import annotations

import errno
import platform
import struct

# name -> (number on x86-64, number on aarch64); None where that architecture has no such call.
_DENIED: dict[str, tuple[int | None, int | None]] = {
    # other processes' memory and descriptors
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    # mounts and roots
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    # namespaces
    "unshare": (272, 97),
    "setns": (308, 268),
    # kernel facilities with a history of escapes, none of which a homework needs
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "fanotify_init": (300, 262),
    "lookup_dcookie": (212, 18),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    # memory that no limit of the box would count
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    # other processors than the one that a timed box is given
    "sched_setaffinity": (203, 122),
    # the machine
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "reboot": (169, 142),
    "acct": (163, 89),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "personality": (135, 92),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "ustat": (136, None),
    "sysfs": (139, None),
    "nfsservctl": (180, 42),
}

# machine -> (AUDIT_ARCH, column above, numbers of clone, clone3, socket, ioctl)
_MACHINES = {
    "x86_64": (0xC000003E, 0, 56, 435, 41, 16),
    "aarch64": (0xC00000B7, 1, 220, 435, 198, 29),
}

_CLONE_NEW = 0x7E020080  # CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_AF_UNIX = 1
_TERMINAL_INJECTION = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
_X32 = 0x40000000

_LOAD, _JUMP_EQUAL, _JUMP_GE, _JUMP_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NR, _ARCH, _ARGUMENT0, _ARGUMENT1 = 0, 4, 16, 24  # offsets in seccomp_data (low halves of the arguments)
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000


def supported() -> bool:
    """Whether this machine's system calls are known to the filter."""
    return platform.machine() in _MACHINES


def program(machine: str | None = None) -> bytes:
    """The filter for a machine (this one's by default), as bubblewrap's `--seccomp` reads it.

    Raises KeyError: for a machine whose system calls are not listed here.
    """
    arch, column, clone, clone3, socket, ioctl = _MACHINES[machine or platform.machine()]
    denied, absent = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
    code = [
        _instruction(_LOAD, _ARCH),
        _instruction(_JUMP_EQUAL, arch, 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NR),
    ]
    if column == 0:
        code += [_instruction(_JUMP_GE, _X32, 0, 1), _instruction(_RETURN, _KILL)]
    for numbers in _DENIED.values():
        number = numbers[column]
        if number is not None:
            code += [_instruction(_JUMP_EQUAL, number, 0, 1), _instruction(_RETURN, denied)]
    code += [_instruction(_JUMP_EQUAL, clone3, 0, 1), _instruction(_RETURN, absent)]
    # The rest look at an argument, so they end in a verdict of their own: nr is no longer loaded afterwards.
    code += [
        _instruction(_JUMP_EQUAL, clone, 0, 4),
        _instruction(_LOAD, _ARGUMENT0),
        _instruction(_JUMP_SET, _CLONE_NEW, 0, 1),
        _instruction(_RETURN, denied),
        _instruction(_RETURN, _ALLOW),
        # Any family but AF_UNIX: vsock, netlink and packet sockets reach past a network namespace.
        _instruction(_JUMP_EQUAL, socket, 0, 4),
        _instruction(_LOAD, _ARGUMENT0),
        _instruction(_JUMP_EQUAL, _AF_UNIX, 1, 0),
        _instruction(_RETURN, denied),
        _instruction(_RETURN, _ALLOW),
        _instruction(_JUMP_EQUAL, ioctl, 0, 4),
        _instruction(_LOAD, _ARGUMENT1),
        _instruction(_JUMP_EQUAL, _TERMINAL_INJECTION[0], 1, 0),
        _instruction(_JUMP_EQUAL, _TERMINAL_INJECTION[1], 0, 1),
        _instruction(_RETURN, denied),
        _instruction(_RETURN, _ALLOW),
    ]
    return b"".join(code)


def _instruction(code: int, operand: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, if_true, if_false, operand)
