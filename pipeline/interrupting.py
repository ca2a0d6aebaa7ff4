"""Ctrl-C and SIGTERM reach the main thread, and only it."""

import signal
import threading
from types import FrameType


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


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the signature of a signal handler
    raise KeyboardInterrupt
