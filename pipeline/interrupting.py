"""Ctrl-C and SIGTERM reach the main thread, and only it."""

import signal
import threading
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TypeVar

TURN_SECONDS = 1.0
T = TypeVar("T")


def heed_interrupts() -> None:
    """Makes both signals raise KeyboardInterrupt in the main thread.

    Polars has a handler of its own for SIGINT that raises in whatever thread is at a query, so a follower would die
    of a Ctrl-C that was meant for the command; ours replaces it. A shell starts background jobs with SIGINT
    ignored; ours replaces that too. Elsewhere than in the main thread this does nothing.
    """
    if threading.current_thread() is threading.main_thread():
        import polars  # noqa: F401  # its handler comes with it, and must come before ours

        signal.signal(signal.SIGINT, _interrupt)
        signal.signal(signal.SIGTERM, _interrupt)


def next_of(queue: "SimpleQueue[T]") -> T:
    """The next item of a queue, for the main thread, which waits for it in turns.

    A signal that comes in the moment before a wait begins does not end that wait, and is heard only after it: `run`
    was seen to go on for ever after a SIGTERM.
    """
    while True:
        with suppress(Empty):
            return queue.get(timeout=TURN_SECONDS)


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the signature of a signal handler
    raise KeyboardInterrupt
