"""On a busy machine what is to be seen now goes before what is to be stored."""

import os
import sys
import threading
from collections.abc import Callable

import pytest

from pipeline.priorities import NICENESS, step_back

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows of the priority of a thread")


def told(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_threads_step_back_with_those_they_start_and_no_other_does() -> None:
    seen: dict[str, int] = {}
    told_to = threading.Event()

    def note(name: str) -> None:
        seen[name] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def work(name: str) -> None:
        told_to.wait()
        note(name)
        told(lambda: note(f"{name}'s own")).join()

    before = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    storing, showing = (told(lambda name=name: work(name)) for name in ("storing", "showing"))  # type: ignore[misc]
    step_back([storing])
    told_to.set()
    storing.join()
    showing.join()
    assert seen == {"storing": NICENESS, "storing's own": NICENESS, "showing": before, "showing's own": before}
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == before
