"""A filter of system calls that a process puts on itself for good: no sockets, no programs, no processes.

Linux needs no privilege for it, only that none can be gained any more. What is refused fails with an error that
libraries take for "offline" or "not allowed"; nothing is killed for trying. Threads stay allowed: the models need them.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable, Mapping

_PR_SET_NO_NEW_PRIVS, _SET_MODE_FILTER, _ALL_THREADS = 38, 1, 1
_LOAD, _JUMP_EQUAL, _JUMP_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # where they are in the data of a call
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_CLONE_THREAD, _X32_CALL = 0x00010000, 0x40000000
_POINTER_BYTES = 8

_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X86_64 = {
    "socket": 41, "connect": 42, "bind": 49, "listen": 50, "clone": 56, "fork": 57, "vfork": 58, "execve": 59,
    "kill": 62, "ptrace": 101, "rt_sigqueueinfo": 129, "mount": 165, "tkill": 200, "tgkill": 234, "add_key": 248,
    "request_key": 249, "keyctl": 250, "unshare": 272, "rt_tgsigqueueinfo": 297, "perf_event_open": 298,
    "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "seccomp": 317,
    "bpf": 321, "execveat": 322, "userfaultfd": 323, "pidfd_send_signal": 424, "io_uring_setup": 425, "clone3": 435,
    "pidfd_getfd": 438,
}  # fmt: skip
_AARCH64 = {
    "mount": 40, "unshare": 97, "ptrace": 117, "kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138,
    "socket": 198, "bind": 200, "listen": 201, "connect": 203, "add_key": 217, "request_key": 218, "keyctl": 219,
    "clone": 220, "execve": 221, "rt_tgsigqueueinfo": 240, "perf_event_open": 241, "open_by_handle_at": 265,
    "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271, "seccomp": 277, "bpf": 280, "execveat": 281,
    "userfaultfd": 282, "pidfd_send_signal": 424, "io_uring_setup": 425, "clone3": 435, "pidfd_getfd": 438,
}  # fmt: skip
_CALLS: Mapping[str, Mapping[str, int]] = {"x86_64": _X86_64, "aarch64": _AARCH64}
_TO_ITSELF = ("kill", "tgkill")
_LOOKED_AT = (*_TO_ITSELF, "clone", "clone3")


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse_calls() -> bool:
    """Puts the filter on all threads of this process; False where the system has none."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in _CALLS or struct.calcsize("P") != _POINTER_BYTES:
        return False
    calls = _CALLS[machine]
    code = b"".join(_filter(_AUDIT[machine], calls, os.getpid()))
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.syscall(calls["seccomp"], _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program)) == 0)


def _filter(architecture: int, calls: Mapping[str, int], pid: int) -> Iterable[bytes]:
    """The filter, in instructions of the kernel's packet filter. A jump skips so many if so, so many if not."""
    allow, refuse = _instruction(_RETURN, _ALLOW), _instruction(_RETURN, _REFUSE | errno.EPERM)
    first = _instruction(_LOAD, _FIRST_ARGUMENT)
    yield _instruction(_LOAD, _ARCHITECTURE)
    yield _instruction(_JUMP_EQUAL, architecture, 1, 0) + _instruction(_RETURN, _KILL)
    yield _instruction(_LOAD, _NUMBER)
    yield _instruction(_JUMP_SET, _X32_CALL, 0, 1) + refuse
    for number in (number for name, number in calls.items() if name not in _LOOKED_AT):
        yield _instruction(_JUMP_EQUAL, number, 0, 1) + refuse
    # What clone3 is to make cannot be seen here. Told that it does not exist, the C library falls back on clone.
    yield _instruction(_JUMP_EQUAL, calls["clone3"], 0, 1) + _instruction(_RETURN, _REFUSE | errno.ENOSYS)
    yield _instruction(_JUMP_EQUAL, calls["clone"], 0, 4)
    yield first + _instruction(_JUMP_SET, _CLONE_THREAD, 0, 1) + allow + refuse
    for number in (calls[name] for name in _TO_ITSELF):
        yield _instruction(_JUMP_EQUAL, number, 0, 4)
        yield first + _instruction(_JUMP_EQUAL, pid, 0, 1) + allow + refuse
    yield allow


def _instruction(code: int, value: int, if_so: int = 0, if_not: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_so, if_not, value)
