"""Kills of what does Spark's work: the JVM of the session in this process, and its Python workers."""

import signal
import time
from contextlib import suppress

import psutil

_WAIT_SECONDS = 90.0


def kill_jvm() -> None:
    """Kills the driver.

    Raises:
        AssertionError: If there is none.
    """
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    assert gateway, "no session of Spark runs in this process"
    gateway.proc.kill()
    gateway.proc.wait()  # else whoever runs when it is collected is told of a process that nobody waited for


def kill_workers() -> None:
    """Kills the Python workers that run now, at least one.

    Raises:
        AssertionError: If none came up for a minute and a half.
    """
    for worker in awaited_workers():
        with suppress(psutil.NoSuchProcess):
            worker.send_signal(signal.SIGKILL)


def awaited_workers() -> list[psutil.Process]:
    """The Python workers of Spark, once there are any.

    Raises:
        AssertionError: If none came up for a minute and a half.
    """
    until = time.monotonic() + _WAIT_SECONDS
    while not (found := _workers()) and time.monotonic() < until:
        time.sleep(0.05)
    assert found, "no Python worker of Spark came up"
    return found


def _jvm() -> psutil.Process | None:
    from pyspark import SparkContext

    gateway = SparkContext._gateway
    return None if gateway is None else psutil.Process(gateway.proc.pid)


def _workers() -> list[psutil.Process]:
    """Children of Spark's daemons."""
    driver, found = _jvm(), []
    for each in driver.children() if driver else ():
        with suppress(psutil.Error):  # it has ended, or will never be waited for
            found += each.children() if "pyspark.daemon" in each.cmdline() else []
    return found
