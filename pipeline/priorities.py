"""Who goes first on a busy machine: what is to be seen now, before what is to be stored and found later."""

import os
import sys
import threading
from collections.abc import Iterable

NICENESS = 10
"""A tenth of a processor that another wants too. At 10,000 events a second, two cores are four fifths busy, and each
stretch of them that went into the lake made those that came meanwhile twice as late."""


def step_back(threads: Iterable[threading.Thread]) -> None:
    """Has threads give way to all others of the machine, with the threads that they start from now on.

    Only Linux knows of the priority of a thread; elsewhere nothing is done.
    """
    if sys.platform != "linux":
        return
    import polars as pl  # here: what every command imports takes its time from each of them

    pl.thread_pool_size()  # makes Polars' threads, which are everybody's, before one that steps back would
    for thread in threads:
        if thread.native_id is not None:
            os.setpriority(os.PRIO_PROCESS, thread.native_id, NICENESS)
