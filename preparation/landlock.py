"""Takes from a process, for good, the right to open files: Landlock, which Linux has since 5.13.

Open descriptors and files in memory are not concerned. It binds the calling thread and those that it starts later, so
it comes before the first of them.
"""

import ctypes
import os
import sys
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every machine
_PR_SET_NO_NEW_PRIVS = 38
_ASK_VERSION, _BENEATH = 1, 1
_WRITE_FILE, _READ_FILE, _REMOVE_DIRECTORY, _REMOVE_FILE = 1 << 1, 1 << 2, 1 << 4, 1 << 5
_MAKE = sum(1 << bit for bit in range(6, 13))  # devices, directories, files, sockets, pipes, links
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_REFER_SINCE, _TRUNCATE_SINCE = 2, 3
_OF_FILES = _WRITE_FILE | _READ_FILE | _TRUNCATE


class _Ruleset(ctypes.Structure):
    _fields_ = (("handled", ctypes.c_uint64),)


class _Rule(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("path", ctypes.c_int32))


def open_only(readable: Iterable[str], writable: Iterable[str] = ()) -> bool:
    """From here on opens no file but at and below these paths; False where the system has no Landlock.

    Names can still be listed everywhere. A path that is not there is left out.

    Args:
        readable: For reading.
        writable: For reading, making, changing and removing.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    handled = _READ_FILE | _WRITE_FILE | _REMOVE_DIRECTORY | _REMOVE_FILE | _MAKE
    handled |= (_REFER if version >= _REFER_SINCE else 0) | (_TRUNCATE if version >= _TRUNCATE_SINCE else 0)
    ruleset = _Ruleset(handled)
    descriptor = libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(ctypes.sizeof(ruleset)), 0)
    if descriptor < 0:
        return False
    try:
        for path in readable:
            _allow(libc, descriptor, path, _READ_FILE)
        for path in (os.devnull, *writable):
            _allow(libc, descriptor, path, handled)
        is_locked = libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        return is_locked and bool(libc.syscall(_RESTRICT_SELF, descriptor, 0) == 0)
    finally:
        os.close(descriptor)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rule = _Rule(rights if os.path.isdir(path) else rights & _OF_FILES, opened)
        libc.syscall(_ADD_RULE, ruleset, _BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(opened)
